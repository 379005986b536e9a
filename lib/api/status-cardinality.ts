import { DEFAULT_CARDINALITY_LIMITS } from '../context/tenant.ts';
import { Matcher } from '../model/matcher.ts';
import { SERVICE_LABELS } from '../pipeline/cardinality/context-budgets.ts';
import { CONTEXTS_AREA, type StoredContexts } from '../pipeline/cardinality/service-contexts.ts';
import { NAME_LABEL } from '../plan/mapping.ts';
import type { LedgerReader } from '../storage/ledger.ts';
import type { RegistersReader } from '../storage/registers.ts';
import { DAY_MS } from '../storage/retention-window.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { largestMetrics } from './largest-metrics.ts';

/**
 * `GET /api/v1/status/cardinality?limit=20`: what has most series and most request contexts, and what the budgets
 * refused. Not part of Prometheus's API. Series are those with samples in the last hour.
 */
export async function statusCardinality(
  { params, tenant, querier, signal }: Call,
  { ledger, registers, now }: ApiDependencies,
): Promise<Answer> {
  const limit = params.limit() || DEFAULT_LIMIT;
  const maxt = now();
  const window = { mint: maxt - WINDOW_MS, maxt };
  const hints = { ...window, limit: MAX_SERIES, signal };
  const [series, services, dropped] = await Promise.all([
    querier.series(hints, new Matcher('!=', NAME_LABEL, '')),
    servicesOf(registers, tenant.name),
    droppedOf(ledger, tenant.name, window.mint, maxt),
  ]);
  const data = {
    window,
    limits: tenant.cardinality ?? DEFAULT_CARDINALITY_LIMITS,
    series: series.length,
    metrics: largestMetrics(series, limit),
    services: services.slice(0, limit),
    dropped,
  };
  const warnings = series.length < MAX_SERIES ? [] : [`more than ${MAX_SERIES} series: the counts cover only these`];
  return { data: (out) => out.write(JSON.stringify(data)), warnings };
}

const DEFAULT_LIMIT = 20;
const WINDOW_MS = 3600_000;

/** What fits into the function's memory beside everything else. */
const MAX_SERIES = 200_000;

/** What the budgets did not let pass as it was. */
const REASONS = ['over_member_budget', 'colliding_series'];

interface ServiceContexts {
  /** By name of label; `service` is the name of the service. */
  readonly service: Readonly<Record<string, string>>;
  readonly contexts: number;
  /** The last day (UTC) on which a context was folded into `__other__`. */
  readonly overflowed?: string;
}

/** Most contexts first; of equals those that had to fold some. */
async function servicesOf(registers: RegistersReader, tenant: string): Promise<readonly ServiceContexts[]> {
  const found = await registers.list<StoredContexts>(tenant, CONTEXTS_AREA);
  return found
    .map(({ name, value: { contexts, overflowed } }) => ({ name, contexts: contexts.length, overflowed }))
    .sort((a, b) => b.contexts - a.contexts || b.overflowed - a.overflowed || (a.name < b.name ? -1 : 1))
    .map(({ name, contexts, overflowed }) => ({
      service: serviceLabels(name),
      contexts,
      ...(overflowed > 0 && { overflowed: new Date(overflowed * DAY_MS).toISOString().slice(0, 10) }),
    }));
}

function serviceLabels(name: string): Readonly<Record<string, string>> {
  const values = JSON.parse(name) as readonly string[];
  const labels = [...SERVICE_LABELS, 'service'].map((label, i) => [label, values[i] ?? ''] as const);
  return Object.fromEntries(labels.filter(([, value]) => value !== ''));
}

/** Samples by reason, over all sources. */
async function droppedOf(ledger: LedgerReader, tenant: string, mint: number, maxt: number) {
  const sources = await ledger.totals(tenant, mint, maxt);
  const count = (reason: string) => sources.reduce((sum, { tally }) => sum + (tally.dropped[reason] ?? 0), 0);
  return Object.fromEntries(REASONS.map((reason) => [reason, count(reason)]).filter(([, samples]) => samples !== 0));
}
