import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../lib/context/tenant.ts';
import { receive } from '../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../lib/pipeline/series-memories.ts';
import { compilePlan } from '../lib/plan/compile-plan.ts';
import type { Plan } from '../lib/plan/plan.ts';
import { newSelection } from '../lib/plan/selection.ts';
import { decodeWriteRequest } from '../lib/prompb/decode-write-request.ts';
import type { QueueMessage } from '../lib/queue/interface.ts';
import { loadPack } from '../lib/rules/pack.ts';
import { uncompress } from '../lib/wire/snappy.ts';
import { bodiesOf, podSeries } from './intake-traffic.ts';

export const SCRAPE_INTERVAL_MS = 15_000;

const TOKEN = 'a-token-of-the-bench';

/** The one tenant of the benches of the worker. */
export const TENANT: Tenant = {
  name: 'bench',
  tokens: [{ name: 'load', sha256: createHash('sha256').update(TOKEN).digest('hex'), scopes: ['write'] }],
  sources: [{ name: 'main', type: 'remote_write', tokens: ['load'], scope: DEFAULT_SCOPE }],
  limits: DEFAULT_INTAKE_LIMITS,
};

/** The plan of every pack there is. */
export function planOfAllPacks(): Plan {
  const folder = fileURLToPath(new URL('../rules/packs/', import.meta.url));
  const names = readdirSync(folder).sort();
  const packs = names.map((name) => loadPack({ name, folder: `${folder}${name}`, shownAs: name, strict: true }));
  return compilePlan({ packs });
}

/** The messages of one scrape, and how many samples they carry. */
export interface Scrape {
  readonly messages: readonly QueueMessage[];
  readonly samples: number;
}

/** Makes the messages of scrapes by the receiver itself, as they would come out of the queue. */
export class WorkerTraffic {
  readonly #dependencies: Parameters<typeof receive>[1];
  #queued: QueueMessage[] = [];
  #requests = 0;

  constructor(plan: Plan) {
    this.#dependencies = {
      tenants: [TENANT],
      selects: newSelection(plan),
      planVersion: plan.version,
      memories: new SeriesMemories(),
      queue: { send: async (messages) => void this.#queued.push(...messages) },
      now: Date.now,
    };
  }

  /** Of pods from `firstPod` on: so many raw series, each with a sample at `timestamp` (ms). */
  async scrape(series: number, timestamp: number, firstPod = 0): Promise<Scrape> {
    for (const body of bodiesOf(podSeries(series, 'lean', firstPod), 'prometheus.WriteRequest', timestamp)) {
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      };
      const requestId = `r${this.#requests++}`;
      const request = { method: 'POST', headers, body, receivedAt: timestamp, requestId };
      const { status } = await receive(request, this.#dependencies);
      if (status !== 200 && status !== 204) throw new Error(`cannot make traffic: the receiver answers ${status}`);
    }
    const messages = this.#queued;
    this.#queued = [];
    return { messages, samples: messages.reduce((sum, message) => sum + samplesOf(message), 0) };
  }
}

function samplesOf({ body }: QueueMessage): number {
  const { timeseries } = decodeWriteRequest(uncompress(body, 32 * 1024 * 1024), 'io.prometheus.write.v2.Request');
  return timeseries.reduce((sum, { samples }) => sum + samples.length, 0);
}
