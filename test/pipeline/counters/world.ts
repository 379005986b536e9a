import fc from 'fast-check';
import { Labels } from '../../../lib/model/labels.ts';
import type { Sample } from '../../../lib/model/sample.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { randomNumbers } from './random.ts';

export const SCRAPE_MS = 15_000;
export const WORLD_MS = 20 * 60_000;
export const ROUTES = ['/cart', '/pay'] as const;

/** A stretch of time, ms from the start of the world. */
type Stretch = readonly [from: number, length: number];

/** A process that counts its requests from zero, and from zero again after each restart. Times in ms. */
interface Pod {
  readonly born: number;
  readonly died: number;
  readonly restarts: readonly number[];
  /** Scrapes fail. */
  readonly unreachable: readonly Stretch[];
}

/** A Prometheus that scrapes all pods. */
interface Replica {
  readonly phase: number;
  readonly outages: readonly Stretch[];
}

export interface World {
  readonly seed: number;
  readonly pods: readonly Pod[];
  /** Two are a highly available pair. */
  readonly replicas: readonly Replica[];
}

export interface ScrapedSeries {
  readonly labels: Labels;
  /** Ascending. */
  readonly samples: Sample[];
}

const at = fc.integer({ min: 0, max: WORLD_MS });
const stretches = (max: number) =>
  fc.array(fc.tuple(at, fc.integer({ min: SCRAPE_MS, max: 180_000 })), { maxLength: max });

export const worlds: fc.Arbitrary<World> = fc.record({
  seed: fc.nat(),
  pods: fc.array(
    fc.record({
      born: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, at),
      died: fc.oneof({ weight: 3, arbitrary: fc.constant(WORLD_MS) }, at),
      restarts: fc.array(at, { maxLength: 4 }),
      unreachable: stretches(1),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  replicas: fc.array(
    // No scrape comes at a whole minute, where rules are evaluated and windows begin.
    fc.record({ phase: fc.integer({ min: 1, max: 4000 }), outages: stretches(2) }),
    { minLength: 1, maxLength: 2 },
  ),
});

/** All that one replica scrapes, stale markers included, as Prometheus writes it. Times count from `start` (ms). */
export function scrape(world: World, replica: number, start: number, run: string): ScrapedSeries[] {
  return world.pods.flatMap((pod, number) => {
    const process = new CountingProcess(pod, world.seed + number);
    const own = { __replica__: world.replicas.length > 1 ? String(replica) : '', cluster: 'eu', job: 'shop', run };
    return scrapePod(process, pod, { ...own, instance: `pod-${number}` }, world.replicas[replica] as Replica, start);
  });
}

function scrapePod(
  process: CountingProcess,
  { born, died, unreachable }: Pod,
  own: Record<string, string>,
  { phase, outages }: Replica,
  start: number,
): ScrapedSeries[] {
  const found = new Map<string, ScrapedSeries>();
  let last = new Set<ScrapedSeries>();
  // Targets are spread over the interval.
  for (let time = phase + Number(own['instance']?.slice(-1)) * 3571; time < WORLD_MS; time += SCRAPE_MS) {
    if (isIn(outages, time)) continue;
    const isUp = time >= born && time < died && !isIn(unreachable, time);
    const seen = new Set<ScrapedSeries>();
    for (const [labels, value] of isUp ? process.countersAt(time) : []) {
      const raw = Labels.from({ ...labels, ...own });
      const series = found.get(raw.key) ?? { labels: raw, samples: [] };
      found.set(raw.key, series);
      series.samples.push({ timestamp: start + time, value });
      seen.add(series);
    }
    for (const series of last)
      if (!seen.has(series)) series.samples.push({ timestamp: start + time, value: STALE_NAN });
    last = seen;
  }
  return [...found.values()];
}

function isIn(stretches: readonly Stretch[], time: number): boolean {
  return stretches.some(([from, length]) => time >= from && time < from + length);
}

const TICK_MS = 1000;
const BOUNDS = [0.1, 1, Number.POSITIVE_INFINITY];
const METRIC = 'http_server_request_duration_seconds';

/** One histogram by route and status code, as a client library counts it: a series appears with its first request. */
class CountingProcess {
  /** By tick: requests counted since the last start, by route, code and bucket. */
  readonly #ticks: ReadonlyMap<string, Counts>[] = [];

  constructor({ born, restarts }: Pod, seed: number) {
    const random = randomNumbers(seed);
    const starts = new Set([born, ...restarts].map((time) => Math.floor(time / TICK_MS)));
    let counts = new Map<string, Counts>();
    for (let tick = 0; tick * TICK_MS < WORLD_MS; tick++) {
      if (starts.has(tick)) counts = new Map();
      for (let requests = Math.floor(random() * 4); requests > 0; requests--) {
        const key = JSON.stringify([ROUTES[random() < 0.7 ? 0 : 1], random() < 0.1 ? '500' : '200']);
        counts = new Map(counts).set(
          key,
          counted(counts.get(key), [0.03, 0.25, 4][Math.floor(random() * 3)] as number),
        );
      }
      this.#ticks.push(counts);
    }
  }

  *countersAt(time: number): Generator<readonly [Readonly<Record<string, string>>, number]> {
    for (const [key, { sum, buckets }] of this.#ticks[Math.floor(time / TICK_MS)] ?? []) {
      const [http_route, http_response_status_code] = JSON.parse(key) as [string, string];
      const labels = { http_request_method: 'GET', http_route, http_response_status_code };
      yield [{ ...labels, __name__: `${METRIC}_count` }, buckets.at(-1) as number];
      yield [{ ...labels, __name__: `${METRIC}_sum` }, sum];
      for (const [i, bound] of BOUNDS.entries()) {
        const le = Number.isFinite(bound) ? String(bound) : '+Inf';
        yield [{ ...labels, __name__: `${METRIC}_bucket`, le }, buckets[i] as number];
      }
    }
  }
}

interface Counts {
  readonly sum: number;
  /** Cumulative. */
  readonly buckets: readonly number[];
}

function counted(known: Counts | undefined, seconds: number): Counts {
  return {
    sum: (known?.sum ?? 0) + seconds,
    buckets: BOUNDS.map((bound, i) => (known?.buckets[i] ?? 0) + (seconds <= bound ? 1 : 0)),
  };
}
