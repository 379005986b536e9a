import { createHash } from 'node:crypto';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** What a sender was told to be accepted, seen from its side of the network. */
export class Acknowledged {
  /** Samples of the metric that is watched, stale markers excepted: value by `SHARD@TIMESTAMP`. */
  readonly watched = new Map<string, number>();
  /** Samples of any metric, stale markers included; a request that was acknowledged twice counts once. */
  samples = 0;
  requests = 0;
  /** Requests that were sent again. */
  retries = 0;
  readonly #metric: string;
  readonly #seen = new Set<string>();
  readonly #acknowledged = new Set<string>();

  /** @param tap a proxy in front of everything that may go wrong. */
  constructor(tap: FaultProxy, metric: string) {
    this.#metric = metric;
    tap.onExchange = () => ({
      happen: async (exchange) => {
        const body = await exchange.read();
        const name = createHash('sha256').update(body).digest('hex');
        if (this.#seen.has(name)) this.retries++;
        this.#seen.add(name);
        const reply = await exchange.forward(body);
        if (reply.status >= 200 && reply.status < 300) this.#add(name, body);
        exchange.answer(reply);
      },
    });
  }

  #add(name: string, body: Uint8Array): void {
    if (this.#acknowledged.has(name)) return;
    this.#acknowledged.add(name);
    this.requests++;
    const { timeseries } = decodeWriteRequest(uncompress(body, 32 * 1024 * 1024), 'prometheus.WriteRequest');
    for (const { labels, samples, histograms } of timeseries) {
      this.samples += samples.length + histograms.length;
      const of = new Map(labels.map(({ name, value }) => [name, value]));
      if (of.get('__name__') !== this.#metric) continue;
      for (const { timestamp, value } of samples) {
        if (!isStaleNaN(value)) this.watched.set(`${of.get('shard')}@${timestamp}`, value);
      }
    }
  }
}
