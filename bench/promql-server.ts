import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { newApi } from '../lib/api/app.ts';
import { DEFAULT_INTAKE_LIMITS, type Tenant } from '../lib/context/tenant.ts';
import type { Plan } from '../lib/plan/plan.ts';
import { Engine } from '../lib/promql/engine.ts';
import type { QueryResult } from '../lib/promql/result.ts';
import { MemoryLedger } from '../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../lib/storage/memory/memory-registers.ts';
import { MemoryRuleState } from '../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../lib/storage/memory/memory-storage.ts';
import { NEVER_COMPACTED } from '../lib/storage/memory/never-compacted.ts';
import { benchSeries } from './promql-data.ts';

/**
 * Our side of the PromQL bench, in a process of its own so that its CPU time can be told apart: the HTTP API over a
 * memory store that holds the bench's series. Tells its port to the parent, and its usage whenever it is asked.
 */
const TENANT: Tenant = { name: 'bench', tokens: [], sources: [], limits: DEFAULT_INTAKE_LIMITS };
const PLAN: Plan = {
  version: 'bench',
  packs: [],
  relabelConfigs: [],
  mappings: [],
  derived: [],
  keptRaw: [],
  selection: [],
  metadata: [],
};

/** What the parent is told after each query: CPU of this process so far (µs) and where the last query's time went (ms). */
export interface ServerUsage {
  readonly cpuMicros: number;
  readonly storeMs: number;
  readonly evalMs: number;
  readonly parseMs: number;
}

let last: QueryResult['stats'] | undefined;

const engine = new Engine({
  lookbackDelta: 300_000,
  timeout: 120_000,
  maxSamples: 50_000_000,
  defaultSubqueryStep: 60_000,
  features: new Set(),
  now: () => performance.now(),
});
const storage = await loadedStorage();
const api = newApi({
  storage,
  ledger: new MemoryLedger(),
  ruleState: new MemoryRuleState(),
  registers: new MemoryRegisters(),
  compaction: NEVER_COMPACTED,
  usage: new MemoryLedger(),
  retention: { normalised: { days: 2 }, derived: { days: 400 } },
  evaluationInterval: 60_000,
  tenants: [TENANT],
  plan: PLAN,
  engine: {
    features: engine.features,
    instantQuery: async (...args) => remember(await engine.instantQuery(...args)),
    rangeQuery: async (...args) => remember(await engine.rangeQuery(...args)),
  },
  now: Date.now,
  anonymousTenant: TENANT.name,
  maxResponseBytes: 512 * 1024 * 1024,
});
const server = createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const request = new Request(`http://127.0.0.1${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers as Record<string, string>,
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const response = await api.fetch(request);
  outgoing
    .writeHead(response.status, Object.fromEntries(response.headers))
    .end(Buffer.from(await response.arrayBuffer()));
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(server.address()) }));
process.on('message', () => process.send?.(usage()));

async function loadedStorage(): Promise<MemoryStorage> {
  const loaded = new MemoryStorage();
  for (const { labels, floats } of benchSeries()) {
    const appender = loaded.appender(TENANT.name, 'derived');
    for (let i = 0; i < floats.timestamps.length; i++) {
      appender.append(labels, { timestamp: floats.timestamps[i] as number, value: floats.values[i] as number });
    }
    await appender.commit();
  }
  return loaded;
}

function remember(result: QueryResult): QueryResult {
  last = result.stats;
  return result;
}

function usage(): ServerUsage {
  const { user, system } = process.cpuUsage();
  return {
    cpuMicros: user + system,
    storeMs: last?.storeMs ?? 0,
    evalMs: last?.evalMs ?? 0,
    parseMs: last?.parseMs ?? 0,
  };
}

function portOf(address: ReturnType<typeof server.address>): number {
  if (address === null || typeof address === 'string') throw new Error('BUG: a TCP server has a port');
  return address.port;
}
