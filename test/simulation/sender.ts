import type { Label } from '../../lib/model/labels.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { labels, nativeHistogram, type OutgoingRequest, series, v1, v2 } from '../receiver/messages.ts';
import { authorizationOf, EPOCH, MINUTE, PAIRED, SCRAPE_INTERVAL, SECOND } from './stage.ts';
import type { World } from './world.ts';

/** Sends a request; resolves with its status, or undefined where no answer came. */
export type Post = (request: OutgoingRequest) => Promise<number | undefined>;

export interface SenderOptions {
  readonly tenant: string;
  /** Which one of a pair; 0 where there is one. */
  readonly replica: number;
  readonly post: Post;
  /** What is answered with 2xx. */
  readonly acknowledged: (tenant: string, timeseries: readonly TimeSeries[]) => void;
  /** Of a request, that the sender restarts instead of sending it again, and begins somewhere before it. */
  readonly restartRate: number;
}

/** First and longest pause before a request is sent again, as in Prometheus. */
const MIN_BACKOFF = 30;
const MAX_BACKOFF = 5 * SECOND;
const INSTANCES = 2;

/**
 * A Prometheus server: scrapes into a log and sends from it, in order within a shard; what meets 5xx or no answer is sent
 * again, what meets 4xx is dropped. After a restart it sends parts of its log once more, in other batches.
 */
export class Sender {
  readonly #world: World;
  readonly #options: SenderOptions;
  /** The log, by shard. */
  readonly #logs: TimeSeries[][] = [[], []];
  readonly #sent = [0, 0];
  /** Instances that are down, and until when. */
  readonly #downUntil = new Map<number, number>();
  #isScraping = true;
  #isUp = true;
  #scrapes = 0;

  constructor(world: World, options: SenderOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Sends whatever is scraped; resolves after `stop`, when all of it is acknowledged. */
  async run(): Promise<void> {
    await Promise.all([this.#scrapeOn(), ...this.#logs.map((_, shard) => this.#sendOn(shard))]);
  }

  /** No scrapes for a while. */
  pause(isPaused: boolean): void {
    this.#isUp = !isPaused;
  }

  stop(): void {
    this.#isScraping = false;
  }

  async #scrapeOn(): Promise<void> {
    await this.#world.sleep(this.#world.between(0, SCRAPE_INTERVAL));
    while (this.#isScraping) {
      if (this.#isUp) this.#scrape();
      await this.#world.sleep(SCRAPE_INTERVAL);
    }
  }

  #scrape(): void {
    this.#scrapes++;
    for (let instance = 0; instance < INSTANCES; instance++) {
      const wasUp = (this.#downUntil.get(instance) ?? 0) <= this.#world.now;
      if (!wasUp) continue;
      const goesDown = this.#world.chance(0.03);
      if (goesDown) this.#downUntil.set(instance, this.#world.now + this.#world.between(20, 90) * SECOND);
      const log = this.#logs[instance % this.#logs.length] as TimeSeries[];
      log.push(...this.#exposition(instance, goesDown));
    }
  }

  /** What one instance shows; or the markers that end it. */
  #exposition(instance: number, isEnd: boolean): TimeSeries[] {
    const { now } = this.#world;
    const { tenant, replica } = this.#options;
    const offset = tenant === PAIRED ? 1_000_000 * (1 + replica) : 0;
    const requests = offset + 1000 * instance + this.#scrapes * (instance + 3);
    const isLong = (Math.floor((now - EPOCH) / (4 * MINUTE)) + instance) % 2 === 0;
    const sample = (value: number) => ({ samples: [{ timestamp: now, value: isEnd ? STALE_NAN : value }] });
    const histogram = nativeHistogram({ timestamp: now, sum: isEnd ? STALE_NAN : requests / 8 });
    return [
      series(this.#labels('app_requests_total', instance), sample(requests)),
      series(this.#labels('app_queue_length', instance), sample((isLong ? 80 : 20) + offset)),
      series(this.#labels('app_unused', instance), sample(offset)),
      ...(this.#scrapes % 3 === 0
        ? [series(this.#labels('app_latency_seconds', instance), { histograms: [histogram] })]
        : []),
    ];
  }

  #labels(name: string, instance: number): Label[] {
    const { tenant, replica } = this.#options;
    const own = ['env', 'prod', 'instance', `i${instance}`, 'job', 'app'];
    if (tenant !== PAIRED) return labels('__name__', name, ...own);
    return labels('__name__', name, '__replica__', `r${replica}`, ...own, 'pair', 'p');
  }

  async #sendOn(shard: number): Promise<void> {
    const log = this.#logs[shard] as TimeSeries[];
    for (;;) {
      const from = this.#sent[shard] as number;
      if (from === log.length) {
        if (!this.#isScraping) return;
        await this.#world.sleep(this.#world.between(5, 20) * SECOND);
        continue;
      }
      const to = Math.min(log.length, from + this.#world.between(4, 20));
      const batch = log.slice(from, to);
      const isDone = await this.#deliver(batch);
      if (isDone) this.#options.acknowledged(this.#options.tenant, batch);
      const restarts = this.#world.faulty && this.#world.chance(this.#options.restartRate);
      if (restarts) this.#world.log(`${this.#options.tenant} sender restarts`);
      this.#sent[shard] = restarts ? Math.max(0, from - this.#world.between(0, 8)) : isDone ? to : from;
    }
  }

  /** Whether the request was acknowledged, in the end; not, where the sender restarts before. */
  async #deliver(batch: readonly TimeSeries[]): Promise<boolean> {
    const merged = mergeSeries(batch);
    const { headers, ...request } = this.#world.chance(0.5) ? v1(merged) : v2(...merged);
    const sent = { ...request, headers: { ...headers, authorization: authorizationOf(this.#options.tenant) } };
    let backoff = MIN_BACKOFF;
    for (;;) {
      const status = await this.#options.post(sent);
      this.#world.count(status === undefined ? 'requests without answer' : `requests answered ${status}`);
      if (status !== undefined && status < 300) return true;
      if (status !== undefined && status < 500) throw new Error(`a valid request was answered ${status}: it is lost`);
      this.#world.count('requests sent again');
      if (this.#world.faulty && this.#world.chance(this.#options.restartRate)) return false;
      await this.#world.sleep(backoff);
      backoff = Math.min(MAX_BACKOFF, 2 * backoff);
    }
  }
}

/** One entry for each series, its samples in order. */
function mergeSeries(batch: readonly TimeSeries[]): TimeSeries[] {
  const merged = new Map<string, TimeSeries>();
  for (const one of batch) {
    const key = JSON.stringify(one.labels);
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined
        ? one
        : {
            ...known,
            samples: [...known.samples, ...one.samples],
            histograms: [...known.histograms, ...one.histograms],
          },
    );
  }
  return [...merged.values()];
}
