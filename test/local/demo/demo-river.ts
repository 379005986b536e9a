import { createHash } from 'node:crypto';
import { compileRuntime, loadPacks } from '../../../lib/config/compile-runtime.ts';
import { loadConfig } from '../../../lib/config/load-config.ts';
import type { Tenant } from '../../../lib/context/tenant.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { Firewall } from '../../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../../lib/pipeline/contextualize.ts';
import { Elections } from '../../../lib/pipeline/elections.ts';
import { preparePlan } from '../../../lib/pipeline/evaluate/prepared-plan.ts';
import { evaluateTenants } from '../../../lib/pipeline/evaluate.ts';
import { receive } from '../../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../../lib/pipeline/series-memories.ts';
import { compilePlan } from '../../../lib/plan/compile-plan.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { newSelection } from '../../../lib/plan/selection.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { MemoryQueue } from '../../../lib/queue/memory.ts';
import { parseRuleFile } from '../../../lib/rules/parse-rule-file.ts';
import { MemoryLedger } from '../../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import { MemoryRuleState } from '../../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { RemoteWriter } from '../../../local/demo/remote-writer.ts';
import { scrape, scrapeTimes } from '../../../local/demo/scrape.ts';
import { EXTERNAL_LABELS, SHOP } from '../../../local/demo/shop.ts';

/** What the demo has sent, and what became of it. */
export interface DemoRiver {
  readonly plan: Plan;
  readonly tenant: Tenant;
  readonly storage: MemoryStorage;
  /** Every raw series that was sent, by key. */
  readonly sent: ReadonlyMap<string, Labels>;
  /** The latest evaluation time, ms. */
  readonly end: number;
}

const TOKEN = 'demo-token';
const MINUTE = 60_000;

/** Some minutes of the demo's traffic through door, queue, worker, store and evaluator, all in memory. */
export async function runDemoRiver(minutes: number, ownRules: string, start = 1_795_000_020_000): Promise<DemoRiver> {
  const config = new URL('../../../tributary.yml', import.meta.url).pathname;
  const { tenants } = compileRuntime(config, { environment: {}, warn: () => {} });
  const own = {
    name: 'own',
    description: '',
    strict: false,
    ruleFiles: [parseRuleFile('rules/own/rules.yml', ownRules)],
    relabelFiles: [],
  };
  const plan = compilePlan({ packs: [...loadPacks(loadConfig(config, { environment: {} })), own] });
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  const [configured] = tenants;
  if (configured === undefined) throw new Error('BUG: tributary.yml has no tenant');
  const tenant: Tenant = { ...configured, tokens: [{ name: 'prometheus', sha256, scopes: ['write', 'read'] }] };
  const end = start + minutes * MINUTE;
  const storage = new MemoryStorage();
  const sent = await sendAll(plan, tenant, storage, start, end);
  await evaluateAll(plan, tenant, storage, start, end);
  return { plan, tenant, storage, sent, end };
}

async function sendAll(plan: Plan, tenant: Tenant, storage: MemoryStorage, start: number, end: number) {
  const queue = new MemoryQueue();
  const intake = {
    tenants: [tenant],
    selects: newSelection(plan),
    planVersion: plan.version,
    queue,
    now: () => end,
    memories: new SeriesMemories({ tenants: 1 }),
  };
  const writer = new RemoteWriter({
    url: 'http://demo/api/v1/write',
    username: tenant.name,
    password: TOKEN,
    signal: new AbortController().signal,
    fetch: async (_url, init) => {
      const headers = Object.fromEntries(Object.entries(init?.headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
      const {
        status,
        headers: answered,
        body,
      } = await receive(
        { method: 'POST', headers, body: init?.body as Uint8Array, receivedAt: end, requestId: '' },
        intake,
      );
      return new Response(status === 204 ? null : body, { status, headers: answered });
    },
  });
  const worker = {
    contextualizer: new Contextualizer(plan),
    tenants: [tenant],
    storage,
    ledger: new MemoryLedger(),
    elections: new Elections(new MemoryRegisters()),
    firewall: new Firewall({ registers: new MemoryRegisters(), generationMs: 86_400_000, now: Date.now }),
  };
  const sent = new Map<string, Labels>();
  for (let time = start - MINUTE; time < end; time += MINUTE) {
    const scraped = SHOP.flatMap((target) =>
      scrapeTimes(target, time, time + MINUTE).flatMap((at) => scrape(target, EXTERNAL_LABELS, at)),
    );
    for (const { labels } of scraped) {
      const raw = Labels.from(labels);
      sent.set(raw.key, raw);
    }
    await writer.write(scraped);
    const failed = await contextualizeMessages(queue.take(), worker);
    if (failed[0] !== undefined) throw failed[0].error;
  }
  return sent;
}

async function evaluateAll(plan: Plan, { name }: Tenant, storage: MemoryStorage, start: number, end: number) {
  const [outcome] = await evaluateTenants(
    {
      plan: preparePlan(plan, { interval: MINUTE }),
      tenants: [{ name }],
      storage,
      ruleState: new MemoryRuleState(),
      engine: new Engine(),
      settings: { interval: MINUTE, delay: 0, maxCatchUp: end - start },
      externalUrl: '',
      now: () => end,
    },
    Number.POSITIVE_INFINITY,
  );
  if (outcome?.error !== undefined) throw outcome.error;
}
