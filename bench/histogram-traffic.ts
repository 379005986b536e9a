import type { Histogram, Span } from '../lib/model/histogram.ts';
import { Labels } from '../lib/model/labels.ts';
import { seededRandom } from './seeded-random.ts';

/** What a client library's classic histogram has unless told otherwise, seconds. */
export const CLASSIC_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY];

/** Resolution of native histograms: each bucket is 9 % wider than the one before, as client libraries choose. */
const SCHEMA = 3;
/** Bucket indexes from here on are counted: some 20 µs to 1,000 s. */
const FIRST_INDEX = -125;
const INDEXES = 205;

/** Requests of one operation of one pod, observed by a native and a classic histogram at once. */
export class ObservedOperation {
  readonly target: number;
  readonly nativeSeries: Labels;
  readonly classicSeries: readonly Labels[];
  readonly #random: () => number;
  readonly #perScrape: number;
  readonly #median: number;
  readonly #counts = new Float64Array(INDEXES);
  readonly #classic = new Float64Array(CLASSIC_BOUNDS.length);
  #count = 0;
  #sum = 0;

  constructor(number: number) {
    this.#random = seededRandom(number + 1);
    this.target = number;
    this.#perScrape = 3 + 300 * this.#random() ** 3;
    this.#median = 0.01 + 0.2 * this.#random();
    const labels = {
      asserts_env: 'prod',
      namespace: 'shop',
      job: `service-${number % 10}`,
      pod: `service-${number % 10}-7d9f8b6c5-${number}`,
      asserts_request_context: `/route/${number % 7}`,
      asserts_request_type: 'inbound',
      asserts_source: 'otel',
    };
    this.nativeSeries = Labels.from({ ...labels, __name__: 'asserts:latency:histogram' });
    const bounds = CLASSIC_BOUNDS.map((bound) => (bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)));
    this.classicSeries = [
      ...bounds.map((le) => Labels.from({ ...labels, __name__: 'asserts:latency:bucket', le })),
      Labels.from({ ...labels, __name__: 'asserts:latency:count' }),
      Labels.from({ ...labels, __name__: 'asserts:latency:total' }),
    ];
  }

  /** The requests until the next scrape: as many as chance has it, of latencies around the median. */
  observe(): void {
    const requests = Math.max(0, Math.round(this.#perScrape + Math.sqrt(this.#perScrape) * this.#normal()));
    for (let i = 0; i < requests; i++) {
      const latency = this.#median * Math.exp(0.7 * this.#normal());
      const index = Math.ceil(Math.log2(latency) * 2 ** SCHEMA) - FIRST_INDEX;
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      for (const [k, bound] of CLASSIC_BOUNDS.entries())
        if (latency <= bound) this.#classic[k] = (this.#classic[k] ?? 0) + 1;
      this.#count++;
      this.#sum += latency;
    }
  }

  native(timestamp: number): Histogram {
    const { spans, deltas } = packed(this.#counts);
    return {
      timestamp,
      isFloat: false,
      schema: SCHEMA,
      count: this.#count,
      sum: this.#sum,
      zeroThreshold: 2.938735877055719e-39,
      zeroCount: 0,
      resetHint: 'unknown',
      positiveSpans: spans,
      positiveDeltas: deltas,
      positiveCounts: [],
      negativeSpans: [],
      negativeDeltas: [],
      negativeCounts: [],
      customValues: [],
    };
  }

  /** The values of `classicSeries`. */
  classic(): number[] {
    return [...this.#classic, this.#count, this.#sum];
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}

/** Buckets with observations, small gaps filled, as client libraries pack them. */
function packed(counts: Float64Array): { readonly spans: Span[]; readonly deltas: number[] } {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let [next, last] = [0, 0];
  const add = (i: number, count: number) => {
    deltas.push(count - last);
    last = count;
    next = i + 1;
  };
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const span = spans.at(-1);
    if (span === undefined || i - next > 2) {
      spans.push({ offset: span === undefined ? i + FIRST_INDEX : i - next, length: 1 });
    } else {
      span.length += i - next + 1;
      while (next < i) add(next, 0);
    }
    add(i, count);
  }
  return { spans, deltas };
}
