import type { ScopeConfig, Tenant } from '../../../lib/context/tenant.ts';
import { DEFAULT_INTAKE_LIMITS } from '../../../lib/context/tenant.ts';
import { Matcher } from '../../../lib/model/matcher.ts';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import { Firewall } from '../../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../../lib/pipeline/contextualize.ts';
import { Elections } from '../../../lib/pipeline/elections.ts';
import { preparePlan } from '../../../lib/pipeline/evaluate/prepared-plan.ts';
import { evaluateTenants } from '../../../lib/pipeline/evaluate.ts';
import { NO_ACCOUNT } from '../../../lib/pipeline/intake-account.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { newSelection } from '../../../lib/plan/selection.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import type { QueueMessage } from '../../../lib/queue/interface.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import { MemoryLedger } from '../../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import { MemoryRuleState } from '../../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../../lib/wire/snappy.ts';
import type { RawSeries } from './golden-traffic.ts';
import type { Recorded, Times } from './rule-runner.ts';

const TENANT = 'acme';

/** What door, worker and evaluator make of raw series. */
export async function throughWorker(
  raw: readonly RawSeries[],
  { plan, scope, times }: { plan: Plan; scope: ScopeConfig; times: Times },
): Promise<Querier> {
  const storage = new MemoryStorage();
  const selects = newSelection(plan);
  const now = () => times.end;
  const tenant: Tenant = {
    name: TENANT,
    tokens: [],
    sources: [{ name: 'main', type: 'remote_write', tokens: [], scope }],
    limits: DEFAULT_INTAKE_LIMITS,
  };
  const message = messageOf(
    raw.filter(({ labels }) => selects(labels)),
    plan,
    times.end,
  );
  const failures = await contextualizeMessages([message], {
    contextualizer: new Contextualizer(plan),
    tenants: [tenant],
    storage,
    ledger: new MemoryLedger(),
    elections: new Elections(new MemoryRegisters()),
    firewall: new Firewall({ registers: new MemoryRegisters(), generationMs: 86_400_000, now }),
  });
  for (const { error } of failures) throw error;
  const [outcome] = await evaluateTenants(
    {
      plan: preparePlan(plan, { interval: times.step }),
      tenants: [tenant],
      storage,
      ruleState: new MemoryRuleState(),
      engine: new Engine(),
      settings: { interval: times.step, delay: 0, maxCatchUp: times.end - times.start + 1 },
      externalUrl: '',
      now,
    },
    Number.POSITIVE_INFINITY,
  );
  if (outcome?.error !== undefined) throw outcome.error;
  for (const { rule, at, error } of outcome?.failures ?? []) throw new Error(`${rule} (${at}): ${error}`);
  return storage.querier(TENANT);
}

function messageOf(raw: readonly RawSeries[], { version }: Plan, receivedAt: number): QueueMessage {
  const timeseries = raw.map(({ labels, samples }) => ({
    labels: [...labels],
    samples: [...samples],
    histograms: [],
    exemplars: [],
  }));
  return {
    envelope: { id: '1', tenant: TENANT, source: 'main', plan: version, receivedAt, account: NO_ACCOUNT },
    body: compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request')),
  };
}

/**
 * The series of these records, at these times alone: a metric may be mapped, at the times of its samples, and derived, at
 * those of evaluations.
 */
export async function recordedAt(
  querier: Querier,
  records: ReadonlySet<string>,
  { start, end, step }: Times,
): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (const record of records) {
    const found = await querier.select({ mint: start, maxt: end }, new Matcher('=', '__name__', record));
    for (const { labels, floats } of found) {
      const values = new Map<number, number>();
      floats.timestamps.forEach((time, i) => {
        const value = floats.values[i] as number;
        if ((time - start) % step === 0 && !isStaleNaN(value)) values.set(time, value);
      });
      if (values.size > 0) recorded.push({ labels, values });
    }
  }
  return recorded;
}
