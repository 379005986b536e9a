import { createHash } from 'node:crypto';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
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
  /** How often each status was answered; a connection that was cut has none. */
  readonly statuses: Record<number, number> = {};
  readonly #metric: string;
  /** Samples of requests by their names. */
  readonly #seen = new Map<string, number>();
  readonly #acknowledged = new Set<string>();

  /** @param tap a proxy in front of everything that may go wrong. */
  constructor(tap: FaultProxy, metric: string) {
    this.#metric = metric;
    tap.onExchange = () => ({
      happen: async (exchange) => {
        const body = await exchange.read();
        const name = createHash('sha256').update(body).digest('hex');
        if (this.#seen.has(name)) this.retries++;
        const series = decode(body);
        this.#seen.set(name, countSamples(series));
        const reply = await exchange.forward(body);
        this.statuses[reply.status] = (this.statuses[reply.status] ?? 0) + 1;
        if (reply.status >= 200 && reply.status < 300) this.#add(name, series);
        exchange.answer(reply);
      },
    });
  }

  /** Samples of requests that their sender gave up: they may be there or not. */
  get open(): number {
    return [...this.#seen].reduce((sum, [name, samples]) => sum + (this.#acknowledged.has(name) ? 0 : samples), 0);
  }

  #add(name: string, series: readonly TimeSeries[]): void {
    if (this.#acknowledged.has(name)) return;
    this.#acknowledged.add(name);
    this.requests++;
    this.samples += countSamples(series);
    for (const { labels, samples } of series) {
      const of = new Map(labels.map((label) => [label.name, label.value]));
      if (of.get('__name__') !== this.#metric) continue;
      for (const { timestamp, value } of samples) {
        if (!isStaleNaN(value)) this.watched.set(`${of.get('shard')}@${timestamp}`, value);
      }
    }
  }
}

function decode(body: Uint8Array): readonly TimeSeries[] {
  return decodeWriteRequest(uncompress(body, 32 * 1024 * 1024), 'prometheus.WriteRequest').timeseries;
}

function countSamples(series: readonly TimeSeries[]): number {
  return series.reduce((sum, { samples, histograms }) => sum + samples.length + histograms.length, 0);
}
