import { readFileSync } from 'node:fs';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { DEFAULT_INTAKE_LIMITS, type Tenant } from '../../lib/context/tenant.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { NO_ACCOUNT } from '../../lib/pipeline/intake-account.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { parseDuration } from '../../lib/promql/duration.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import type { Querier, Series } from '../../lib/storage/interface.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../lib/wire/snappy.ts';
import { RuleBench, TENANT } from '../pipeline/evaluate/run-rules.ts';
import { parseScript } from '../promql/script/parse-script.ts';
import { type Outcome, runScript } from '../promql/script/run-script.ts';
import type { ScriptStorage } from '../promql/script/script-storage.ts';

const SOURCE = 'golden';

/**
 * Runs a golden script: Prometheus's test language, and the verb `contextualize at T`, which sends all that is loaded up
 * to T through the door, the worker and the derived rules of `plan` (every minute up to T). From there on `eval` asks
 * for what came of it. Series without `asserts_env` belong to `prod`.
 *
 * @throws ScriptError when the script cannot be run.
 */
export async function runGolden(path: string, shownAs: string, plan: Plan): Promise<Outcome[]> {
  const script = parseScript(shownAs, readFileSync(path, 'utf8'), new Set(['contextualize']));
  if (!script.commands.some(({ kind }) => kind === 'eval')) throw new Error(`${shownAs} has no eval`);
  const outcomes: Outcome[] = [];
  const runVerb = ({ rest }: { rest: string }, storage: ScriptStorage) => contextualizeAt(timeOf(rest), storage, plan);
  for await (const outcome of runScript(script, new Engine(), { runVerb })) outcomes.push(outcome);
  return outcomes;
}

function timeOf(rest: string): number {
  const time = /^at (\S+)$/.exec(rest)?.[1];
  const ms = time === undefined ? undefined : parseDuration(time);
  if (ms === undefined) throw new Error(`cannot read contextualize ${rest}: it looks like "contextualize at 10m"`);
  return ms;
}

async function contextualizeAt(time: number, loaded: ScriptStorage, plan: Plan): Promise<Querier> {
  const storage = new MemoryStorage();
  const failures = await contextualizeMessages([messageOf(loaded.columns(), time, plan)], {
    contextualizer: new Contextualizer(plan),
    tenants: [GOLDEN_TENANT],
    storage,
    ledger: new MemoryLedger(),
    elections: new Elections(new MemoryRegisters()),
    firewall: new Firewall({ registers: new MemoryRegisters(), generationMs: 86_400_000, now: Date.now }),
  });
  for (const { error } of failures) throw error;
  const bench = new RuleBench(plan, { storage });
  const outcome = await bench.evaluateTo(time);
  for (const { rule, at, error } of outcome?.failures ?? []) throw new Error(`${rule} (${at}): ${error}`);
  return storage.querier(TENANT);
}

const GOLDEN_TENANT: Tenant = {
  name: TENANT,
  tokens: [],
  sources: [
    {
      name: SOURCE,
      type: 'remote_write',
      tokens: [],
      scope: {
        env: { labels: ['asserts_env'], default: 'prod' },
        site: { labels: ['asserts_site'] },
        identity: DEFAULT_IDENTITY,
      },
    },
  ],
  limits: DEFAULT_INTAKE_LIMITS,
};

/** What the door lets through of the samples up to `time`, as one message. */
function messageOf(loaded: readonly Series[], time: number, plan: Plan): QueueMessage {
  const selects = newSelection(plan);
  const timeseries = loaded.filter(({ labels }) => selects(labels)).map((series) => timeSeriesOf(series, time));
  const envelope = {
    id: 'golden-0',
    tenant: TENANT,
    source: SOURCE,
    plan: plan.version,
    receivedAt: time,
    account: NO_ACCOUNT,
  };
  return {
    envelope,
    body: compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request')),
  };
}

function timeSeriesOf({ labels, floats, histograms }: Series, time: number): TimeSeries {
  const samples = [...floats.timestamps].map((timestamp, i) => ({ timestamp, value: floats.values[i] as number }));
  return {
    labels: [...labels],
    samples: samples.filter(({ timestamp }) => timestamp <= time),
    histograms: (histograms?.histograms ?? []).filter(({ timestamp }) => timestamp <= time),
    exemplars: [],
  };
}
