import type { Tenant } from '../context/tenant.ts';
import type { OwnMetric } from '../model/own-metric.ts';
import type { LedgerReader, SourceTally } from '../storage/ledger.ts';
import type { OwnFigures } from './own-series.ts';

const SAMPLES = {
  name: 'tributary_tenant_samples',
  type: 'gauge',
  help: 'Samples received in the minute before, by what became of them; the outcomes add up to all that came.',
} as const;

const MESSAGES = {
  name: 'tributary_tenant_messages',
  type: 'gauge',
  help: 'Messages of the queue with samples received in the minute before.',
} as const;

const MINUTE_MS = 60_000;

/**
 * What came in within a minute and what became of it, by source, from the ledger: what was accounted for when it was asked.
 * Of each source of the tenant there is every outcome, be it zero.
 */
export function intakeFigures(ledger: LedgerReader): OwnFigures {
  return {
    names: [SAMPLES.name, MESSAGES.name],
    of: async ({ name, sources }: Tenant, time) => {
      const totals = await ledger.totals(name, time - MINUTE_MS, time - 1);
      return sources.flatMap((source) =>
        figuresOf(
          source.name,
          totals.find((one) => one.source === source.name),
        ),
      );
    },
  };
}

function figuresOf(source: string, totals: SourceTally | undefined): OwnMetric[] {
  const { contextualized = 0, unselected = 0, dropped = {}, refused = {} } = totals?.tally ?? {};
  const outcomes = { contextualized, unselected, dropped: sumOf(dropped), refused: sumOf(refused) };
  return [
    { ...MESSAGES, labels: { source }, value: totals?.messages ?? 0 },
    ...Object.entries(outcomes).map(([outcome, value]) => ({ ...SAMPLES, labels: { source, outcome }, value })),
  ];
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
