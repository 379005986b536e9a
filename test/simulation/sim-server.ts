import { Labels } from '../../lib/model/labels.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { QueryData } from '../../lib/promql/result.ts';
import type { RemoteRequest } from '../../lib/remote/remote-client.ts';
import type { RemoteResponse } from '../../lib/remote/transport.ts';
import type { Querier } from '../../lib/storage/interface.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { labels, series } from '../receiver/messages.ts';
import { EPOCH, MINUTE, SCRAPE_INTERVAL, SECOND } from './stage.ts';
import type { World } from './world.ts';

/** Parts of a server that a test breaks on purpose. */
export interface ServerDefects {
  /** An answer now and then lacks half of its series, and does not say so. */
  readonly leavesOut?: boolean;
}

export interface ServerOptions {
  /** Base URL; its host names the instances. */
  readonly url: string;
  /** Of an answer, that there is something odd about it. */
  readonly faultRate: number;
  readonly defects: ServerDefects;
  /** Told of everything that is scraped. */
  readonly onScrape: (timeseries: readonly TimeSeries[]) => void;
}

/** What a server answered, and the samples of it that were on the page, where it was one. */
export interface ServerAnswer {
  readonly response: RemoteResponse;
  /** No answer to a question: nobody can say what it means. */
  readonly isSenseless?: boolean;
  readonly page?: readonly TimeSeries[];
}

/** How far back `/federate` looks, as in Prometheus. */
const LOOKBACK = 5 * MINUTE;
const INSTANCES = 2;
/** The one tenant of a server's own store. */
const OWN = 'own';

/**
 * A Prometheus server that is read from: scrapes two instances of an application, answers `/federate` and PromQL over what
 * it has, and is sometimes away. What it has said of a time it says again.
 */
export class SimServer {
  readonly #world: World;
  readonly #options: ServerOptions;
  readonly #storage = new MemoryStorage();
  readonly #engine = new Engine({ now: () => this.#world.now });
  /** The last sample of each series, by its labels' key. */
  readonly #last = new Map<string, TimeSeries>();
  /** Of metrics that it ever had. */
  readonly #names = new Set<string>();
  /** When each instance began to count, ms; until then it is down. */
  readonly #countsFrom: number[];
  #isUp = true;
  #awayUntil = 0;
  #isOver = false;
  #scrapes = 0;

  constructor(world: World, options: ServerOptions) {
    this.#world = world;
    this.#options = options;
    this.#countsFrom = Array.from({ length: INSTANCES }, () => world.now - MINUTE);
  }

  get url(): string {
    return this.#options.url;
  }

  /** All that was ever scraped. */
  get querier(): Querier {
    return this.#storage.querier(OWN);
  }

  get #isAway(): boolean {
    return this.#world.now < this.#awayUntil;
  }

  /** Scrapes until `stop`. */
  async run(): Promise<void> {
    await this.#world.sleep(this.#world.between(0, SCRAPE_INTERVAL));
    while (!this.#isOver) {
      if (this.#isUp && !this.#isAway) await this.#scrape();
      if (this.#world.faulty && this.#world.chance(this.#options.faultRate / 2)) this.#restart();
      await this.#world.sleep(SCRAPE_INTERVAL);
    }
  }

  /** No scrapes for a while. */
  pause(isPaused: boolean): void {
    this.#isUp = !isPaused;
  }

  stop(): void {
    this.#isOver = true;
  }

  /** @returns undefined where nobody listens. */
  async answer({ path, params = [] }: Pick<RemoteRequest, 'path' | 'params'>): Promise<ServerAnswer | undefined> {
    if (this.#world.faulty && this.#isAway) return undefined;
    const values = (name: string) => params.flatMap(([key, value]) => (key === name ? [value] : []));
    const [query = '', time, start, end, step] = ['query', 'time', 'start', 'end', 'step'].map((key) => values(key)[0]);
    const ms = (text: string | undefined) => Math.round(Number(text) * 1000);
    switch (path) {
      case '/federate':
        return this.#federate(values('match[]'));
      case '/api/v1/metadata':
        return { response: json({}) };
      case '/api/v1/label/__name__/values':
        return { response: json([...this.#names]) };
      case '/api/v1/query':
        return this.#result((await this.#engine.instantQuery(this.querier, query, ms(time))).data);
      case '/api/v1/query_range': {
        const range = { start: ms(start), end: ms(end), step: ms(step) };
        return this.#result((await this.#engine.rangeQuery(this.querier, query, range)).data);
      }
      default:
        throw new Error(`BUG: the simulated server does not know ${path}`);
    }
  }

  #restart(): void {
    this.#awayUntil = this.#world.now + this.#world.between(5, 40) * SECOND;
    this.#world.count('server restarts');
    this.#world.log(`${this.url} restarts`);
  }

  async #scrape(): Promise<void> {
    this.#scrapes++;
    const { now } = this.#world;
    const scraped = this.#countsFrom.flatMap((from, instance) => {
      if (from > now) return [];
      if (!this.#world.chance(0.03)) return this.#exposition(instance);
      this.#countsFrom[instance] = now + this.#world.between(20, 90) * SECOND;
      return this.#ends(instance);
    });
    const appender = this.#storage.appender(OWN, 'normalised');
    for (const one of scraped) {
      const { timestamp, value } = one.samples[0] ?? { timestamp: now, value: 0 };
      const key = Labels.from(one.labels);
      appender.append(key, { timestamp, value });
      this.#names.add(nameOf(one));
      if (Number.isNaN(value)) this.#last.delete(key.key);
      else this.#last.set(key.key, one);
    }
    await appender.commit();
    this.#options.onScrape(scraped);
  }

  /** A counter begins at 0 where its instance began; latencies are told every third time only. */
  #exposition(instance: number): TimeSeries[] {
    const { now } = this.#world;
    const requests = Math.floor((now - (this.#countsFrom[instance] ?? now)) / (1000 + 300 * instance));
    const isLong = (Math.floor((now - EPOCH) / (4 * MINUTE)) + instance) % 2 === 0;
    const sample = (name: string, value: number) =>
      series(this.#labels(name, instance), { samples: [{ timestamp: now, value }] });
    return [
      sample('app_requests_total', requests),
      sample('app_queue_length', isLong ? 80 : 20),
      sample('app_unused', this.#scrapes),
      ...(this.#scrapes % 3 === 0 ? [sample('app_latency_seconds', requests / 8)] : []),
    ];
  }

  #ends(instance: number): TimeSeries[] {
    const name = this.#instance(instance);
    return [...this.#last.values()]
      .filter((one) => one.labels.some((label) => label.name === 'instance' && label.value === name))
      .map((one) => ({ ...one, samples: [{ timestamp: this.#world.now, value: STALE_NAN }] }));
  }

  #labels(name: string, instance: number) {
    return labels('__name__', name, 'env', 'prod', 'instance', this.#instance(instance), 'job', 'app');
  }

  #instance(instance: number): string {
    return `${new URL(this.url).hostname}-${instance}`;
  }

  #federate(matchers: readonly string[]): ServerAnswer {
    const names = new Set(matchers.flatMap((matcher) => (/"(.+)"/.exec(matcher)?.[1] ?? '').split('|')));
    const alive = [...this.#last.values()].filter(
      (one) => names.has(nameOf(one)) && (one.samples[0]?.timestamp ?? 0) > this.#world.now - LOOKBACK,
    );
    const page = this.#odd(alive);
    // A page that has a line twice says no more than one that has it once.
    const text = this.#repeated(page).map(lineOf).join('');
    return { response: answerOf('text/plain; version=0.0.4; charset=utf-8', text), page };
  }

  #result(data: QueryData): ServerAnswer {
    const result = this.#odd(resultOf(data));
    const repeated = this.#repeated(result);
    return {
      response: json({ resultType: data.kind, result: repeated }),
      isSenseless: repeated.length > result.length,
    };
  }

  /** All of it twice, now and then. */
  #repeated<T>(entries: readonly T[]): readonly T[] {
    const isRepeated = this.#world.faulty && this.#world.chance(this.#options.faultRate);
    if (isRepeated) this.#world.count('fault entries repeated');
    return isRepeated ? [...entries, ...entries] : entries;
  }

  /** In any order; a defective server forgets some. */
  #odd<T>(entries: readonly T[]): T[] {
    const shuffled = this.#world.shuffle(entries);
    const isLeftOut = this.#options.defects.leavesOut === true && this.#world.chance(0.3);
    return isLeftOut ? shuffled.slice(0, Math.floor(shuffled.length / 2)) : shuffled;
  }
}

function nameOf({ labels: of }: TimeSeries): string {
  return of.find(({ name }) => name === '__name__')?.value ?? '';
}

function lineOf(one: TimeSeries): string {
  const pairs = one.labels.filter(({ name }) => name !== '__name__').map(({ name, value }) => `${name}="${value}"`);
  const [sample] = one.samples;
  return `${nameOf(one)}{${pairs.join(',')}} ${sample?.value} ${sample?.timestamp}\n`;
}

/** As the HTTP API spells it. */
function resultOf(data: QueryData): object[] {
  if (data.kind === 'vector') {
    return data.samples.map(({ labels: of, timestamp, value }) => ({
      metric: metricOf(of),
      value: point(timestamp, value),
    }));
  }
  if (data.kind !== 'matrix') throw new Error(`BUG: a question about series gives a ${data.kind}`);
  return data.series.map((one) => ({
    metric: metricOf(one.labels),
    values: Array.from(one.timestamps, (time, i) => point(time, one.values[i])),
  }));
}

function metricOf(of: Labels): Record<string, string> {
  return Object.fromEntries([...of].map(({ name, value }) => [name, value]));
}

function point(ms: number, value: unknown): [number, string] {
  if (typeof value !== 'number') throw new Error('BUG: the simulated server has no histograms');
  return [ms / 1000, String(value).replace('Infinity', 'Inf')];
}

function json(data: unknown): RemoteResponse {
  return answerOf('application/json', JSON.stringify({ status: 'success', data }));
}

function answerOf(contentType: string, text: string): RemoteResponse {
  return { status: 200, headers: { 'content-type': contentType }, body: Buffer.from(text) };
}
