import { CUSTOM_BUCKETS_SCHEMA, type Histogram, type ResetHint, type Span } from '../../../lib/model/histogram.ts';
import { Labels } from '../../../lib/model/labels.ts';
import type { Sample } from '../../../lib/model/sample.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import type { TimeSeries } from '../../../lib/prompb/write-request.ts';
import { STALE_HISTOGRAM } from '../../model/arbitrary-histogram.ts';
import { Choices } from './choices.ts';

export const START = Date.UTC(2025, 10, 22, 10, 0, 0);
export const POINTS = 140;
const STEP = 15_000;
/** No window and no step of a query begins or ends at a sample. */
const OFFSET = 1_234;

type Point = Sample | Histogram;

/** One series in the order of time, floats and histograms as they come. */
export interface MixedSeries {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

/**
 * Histograms of all kinds, a sample each quarter of a minute: counters of several resolutions, with resets, gaps and
 * stale markers, gauges, floats, custom buckets, and series that change from one to the other.
 */
export function histogramDataset(seed: number): MixedSeries[] {
  const choices = new Choices(seed);
  const of = (name: string, labels: Record<string, string>, point: (i: number, time: number) => Point | undefined) => ({
    labels: Labels.from({ __name__: name, ...labels }),
    points: Array.from({ length: POINTS }, (_, i) => point(i, START + OFFSET + i * STEP)).filter(
      (one) => one !== undefined,
    ),
  });
  const exponential = (schema: number, more: Partial<Shape> = {}) => grower(choices, { ...SHAPE, schema, ...more });
  const fast = exponential(3);
  const gappy = exponential(1);
  const ending = exponential(2, { zeroThreshold: 0.01 });
  const changing = [exponential(0), exponential(2)] as const;
  const floating = exponential(2, { isFloat: true });
  const custom = exponential(CUSTOM_BUCKETS_SCHEMA, CUSTOM);
  const both = exponential(1);
  return [
    of('h', { i: '0', job: 'a' }, (i, time) => fast(time, i % 60 === 59)),
    of('h', { i: '1', job: 'a' }, (i, time) =>
      i % 7 === 3 || (i > 60 && i < 90) ? undefined : gappy(time, i === 100),
    ),
    of('h', { i: '2', job: 'b' }, (i, time) => {
      if (i === 50) return { ...STALE_HISTOGRAM, timestamp: time };
      return i > 50 && i < 80 ? undefined : ending(time, i === 80);
    }),
    of('h', { i: '3', job: 'b' }, (i, time) => changing[i < 70 ? 0 : 1](time, i === 70)),
    of('hf', { i: '0' }, (i, time) => floating(time, i === 90)),
    of('hg', { i: '0' }, (_, time) => exponential(1, { resetHint: 'gauge', most: 40 })(time, false)),
    of('hg', { i: '1' }, (_, time) => exponential(2, { resetHint: 'gauge', isFloat: true, most: 40 })(time, false)),
    of('hc', { i: '0' }, (i, time) => custom(time, i === 77)),
    of(
      'hc',
      { i: '1' },
      (
        (grow) => (_: number, time: number) =>
          grow(time, false)
      )(exponential(CUSTOM_BUCKETS_SCHEMA, CUSTOM)),
    ),
    of('mixed', { i: '0' }, (i, time) => (i % 40 < 20 ? both(time, i % 40 === 0) : { timestamp: time, value: i })),
    of('x', { i: '0', job: 'a' }, (i, time) => ({ timestamp: time, value: i === 60 ? STALE_NAN : i * 2 })),
    of('x', { i: '1', job: 'b' }, (i, time) => ({ timestamp: time, value: 5 - i })),
  ];
}

/** The part of every series in [begin, end), for one request. */
export function sliceOf(dataset: readonly MixedSeries[], begin: number, end: number): TimeSeries[] {
  return dataset.flatMap(({ labels, points }) => {
    const within = points.filter(({ timestamp }) => timestamp >= begin && timestamp < end);
    const [samples, histograms] = [within.filter(isSample), within.filter((one) => !isSample(one))];
    const entry = { labels: [...labels], exemplars: [] };
    return [
      ...(samples.length > 0 ? [{ ...entry, samples: samples as Sample[], histograms: [] }] : []),
      ...(histograms.length > 0 ? [{ ...entry, samples: [], histograms: histograms as Histogram[] }] : []),
    ];
  });
}

export function isSample(point: Point): point is Sample {
  return 'value' in point;
}

interface Shape {
  readonly schema: number;
  readonly isFloat: boolean;
  readonly resetHint: ResetHint;
  readonly zeroThreshold: number;
  /** Observations of one step in one bucket. */
  readonly most: number;
  readonly customValues: readonly number[];
  readonly positive: readonly Span[];
  readonly negative: readonly Span[];
}

const SHAPE: Shape = {
  schema: 0,
  isFloat: false,
  resetHint: 'unknown',
  zeroThreshold: 0.001,
  most: 9,
  customValues: [],
  positive: [
    { offset: -3, length: 5 },
    { offset: 2, length: 3 },
  ],
  negative: [{ offset: 1, length: 2 }],
};
const CUSTOM: Partial<Shape> = {
  zeroThreshold: 0,
  customValues: [0.1, 0.5, 1, 2.5, 10],
  positive: [{ offset: 0, length: 6 }],
  negative: [],
};

/** Observes at each call as a process does between two scrapes; after a reset it begins anew. */
function grower(choices: Choices, shape: Shape): (timestamp: number, reset: boolean) => Histogram {
  const widthOf = (spans: readonly Span[]) => spans.reduce((sum, { length }) => sum + length, 0);
  let positive: number[] = [];
  let negative: number[] = [];
  let [zeroCount, sum] = [0, 0];
  const clear = () => {
    positive = new Array<number>(widthOf(shape.positive)).fill(0);
    negative = new Array<number>(widthOf(shape.negative)).fill(0);
    [zeroCount, sum] = [0, 0];
  };
  const observed = () => choices.integer(0, shape.most) * (shape.isFloat ? 0.375 : 1);
  clear();
  return (timestamp, reset) => {
    if (reset) clear();
    positive = positive.map((count) => count + observed());
    negative = negative.map((count) => count + observed());
    if (shape.zeroThreshold > 0) zeroCount += observed();
    sum += choices.integer(0, 1000) / 8;
    const { isFloat, schema, resetHint, zeroThreshold, customValues } = shape;
    return {
      timestamp,
      schema,
      resetHint,
      zeroThreshold,
      customValues,
      isFloat,
      count: [...positive, ...negative].reduce((a, b) => a + b, zeroCount),
      sum,
      zeroCount,
      positiveSpans: shape.positive,
      negativeSpans: shape.negative,
      positiveDeltas: isFloat ? [] : deltas(positive),
      positiveCounts: isFloat ? positive : [],
      negativeDeltas: isFloat ? [] : deltas(negative),
      negativeCounts: isFloat ? negative : [],
    };
  };
}

function deltas(counts: readonly number[]): number[] {
  return counts.map((count, i) => count - (counts[i - 1] ?? 0));
}
