import { CountingTable } from '../../bench/counting-table.ts';
import { newApi } from '../../lib/api/app.ts';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { compactTenants } from '../../lib/pipeline/compact.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { evaluateTenants } from '../../lib/pipeline/evaluate.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { UsageBook } from '../../lib/pipeline/usage-book.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { DynamoCompactable } from '../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRegisters } from '../../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { DynamoUsageRecorder } from '../../lib/storage/dynamodb/dynamo-usage-recorder.ts';
import { DynamoUsageSums } from '../../lib/storage/dynamodb/dynamo-usage-sums.ts';
import { meterClient } from '../../lib/storage/dynamodb/meter-client.ts';
import { openReaders } from '../../lib/storage/dynamodb/open-readers.ts';
import type { Work } from '../../lib/storage/usage.ts';
import { dependenciesOf } from '../api/fixture.ts';
import { planOfRules } from '../pipeline/evaluate/run-rules.ts';
import { labels, series, v1 } from '../receiver/messages.ts';
import { sha256 } from '../receiver/test-tenants.ts';

const MINUTE = 60_000;
export const START = Date.UTC(2025, 10, 22, 8, 0, 0);
export const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

const PLAN = planOfRules(
  'groups: [{name: one, rules: [{record: "asserts:request:total", expr: "raw_total", labels: {asserts_request_type: inbound, asserts_source: test}}, {record: "job:total:sum", expr: "sum by (job) (asserts:request:total)"}]}]',
);

/** Series that each tenant sends in a minute. */
const SERIES: Readonly<Record<string, number>> = { acme: 40, zeta: 7, idle: 0 };

export const TENANTS: readonly Tenant[] = Object.keys(SERIES).map(
  (name): Tenant => ({
    name,
    tokens: [{ name: 'all', sha256: sha256(name), scopes: ['write', 'read', 'admin'] }],
    sources: [
      {
        name: 'main',
        type: 'remote_write',
        tokens: ['all'],
        scope: { ...DEFAULT_SCOPE, env: { labels: ['env'], default: 'prod' } },
      },
    ],
    limits: DEFAULT_INTAKE_LIMITS,
  }),
);

/** What was counted apart from the accounts. */
export interface Counted {
  requests: number;
  batches: number;
  evaluations: number;
  compactions: number;
  answers: number;
  sent: number;
}

/**
 * The whole river over one table that counts, with a meter for each function as on AWS: some minutes of requests, batches,
 * evaluations, compactions and answers.
 */
export async function simulateRun(minutes: number) {
  let now = START;
  const table = new CountingTable();
  const books: UsageBook[] = [];
  let id = 0;
  const open = (work: Work) => {
    const { client, meter } = meterClient(table.client);
    const options = { client, tableName: table.tableName, now: () => now, retention: RETENTION };
    const recorder = new DynamoUsageRecorder(options);
    const log = {
      warn: (_: string, { error }: { readonly error: Error }): never => {
        throw error;
      },
    };
    const usage = new UsageBook({ work, meter, recorder, now: () => now, newId: () => String(id++), log });
    books.push(usage);
    return { options, usage, meter };
  };
  const [worker, evaluator, compactor, reader] = [
    open('contextualize'),
    open('evaluate'),
    open('compact'),
    open('api'),
  ];
  const queue = new MemoryQueue();
  const counted: Counted = { requests: 0, batches: 0, evaluations: 0, compactions: 0, answers: 0, sent: 0 };
  const intake = {
    tenants: TENANTS,
    selects: () => true,
    planVersion: 'p',
    memories: new SeriesMemories(),
    queue,
    now: () => now,
  };
  const registers = new DynamoRegisters(worker.options);
  const working = {
    contextualizer: new Contextualizer(PLAN),
    tenants: TENANTS,
    storage: new DynamoStorage(worker.options),
    ledger: new DynamoLedger(worker.options),
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 2 * 86_400_000, now: () => now }),
    usage: worker.usage,
  };
  const evaluating = {
    plan: preparePlan(PLAN, { interval: MINUTE }),
    tenants: TENANTS,
    storage: new DynamoStorage(evaluator.options),
    ruleState: new DynamoRuleState(evaluator.options),
    engine: new Engine(),
    settings: { interval: MINUTE, delay: MINUTE, maxCatchUp: 60 * MINUTE },
    externalUrl: '',
    usage: evaluator.usage,
    now: () => now,
  };
  const compacting = {
    tenants: TENANTS,
    storage: new DynamoCompactable(compactor.options),
    usage: compactor.usage,
    sums: new DynamoUsageSums(compactor.options),
    now: () => now,
  };
  const { anonymousTenant: _, ...reading } = dependenciesOf({
    ...openReaders(reader.options),
    tenants: TENANTS,
    engine: new Engine(),
    usageBook: reader.usage,
    now: () => now,
  });
  const api = newApi(reading);

  for (let minute = 0; minute < minutes; minute += 5) {
    now = START + minute * MINUTE;
    for (const { name } of TENANTS) if ((SERIES[name] ?? 0) > 0) await send(name);
    const messages = queue.take();
    counted.sent += messages.length;
    // The second time as if the answer had been lost.
    for (const batch of minute % 20 === 0 ? [messages, messages] : [messages]) {
      now += 1000;
      counted.batches++;
      const failures = await contextualizeMessages(batch, working);
      if (failures[0] !== undefined) throw failures[0].error;
    }
    for (const { error } of await evaluateTenants(evaluating, now + MINUTE)) if (error !== undefined) throw error;
    counted.evaluations++;
    if (minute % 15 === 10) await compact();
    if (minute % 35 === 0) await ask('acme');
  }
  return {
    table,
    counted,
    now: () => now,
    meters: [worker, evaluator, compactor, reader].map(({ meter }) => meter),
    settle,
  };

  async function send(name: string): Promise<void> {
    const samples = [{ timestamp: now, value: now }];
    const sent = Array.from({ length: SERIES[name] ?? 0 }, (_, i) =>
      series(labels('__name__', 'raw_total', 'job', `j${i % 3}`, 'i', String(i)), { samples }),
    );
    const { headers, body } = v1(sent);
    const authorization = `Bearer ${name}`;
    const request = {
      method: 'POST',
      requestId: `r${now}`,
      receivedAt: now - 20,
      headers: { ...headers, authorization },
      body,
    };
    const { status } = await receive(request, intake);
    if (status !== 204) throw new Error(`the request was answered with ${status}`);
    counted.requests++;
  }

  async function compact(): Promise<void> {
    for (const { error } of await compactTenants(compacting, now + MINUTE)) if (error !== undefined) throw error;
    counted.compactions++;
  }

  async function ask(name: string): Promise<void> {
    const query = new URLSearchParams({ query: 'sum(job:total:sum)', time: String(now / 1000) });
    const headers = { authorization: `Bearer ${name}` };
    const { status } = await api.fetch(new Request(`http://tributary/api/v1/query?${query}`, { headers }));
    if (status !== 200) throw new Error(`the query was answered with ${status}`);
    counted.answers++;
  }

  /** What the API noted and did not write yet. */
  async function settle(): Promise<void> {
    await reader.usage.settled(0);
  }
}
