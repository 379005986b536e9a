import fc from 'fast-check';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram, RESET_HINTS, type Span } from '../../lib/model/histogram.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';

const spans: fc.Arbitrary<Span[]> = fc
  .tuple(
    fc.integer({ min: -60, max: 60 }),
    fc.array(fc.record({ offset: fc.nat({ max: 9 }), length: fc.integer({ min: 1, max: 5 }) }), { maxLength: 3 }),
  )
  .map(([first, rest]) => rest.map((span, i) => (i === 0 ? { ...span, offset: first } : span)));

const whole = fc.oneof(fc.nat({ max: 50 }), fc.nat(), fc.integer({ min: 0, max: 2 ** 44 }));
const fraction = fc.oneof(
  fc.nat({ max: 50 }),
  fc.double({ min: 0, max: 1e12, noNaN: true }).map((count) => count + 0),
  fc.constantFrom(0.1, 1 / 3, 5e-324, 1e308, 0.25),
);
const sum = fc.oneof(fc.double({ noNaN: true }), fc.nat(), fc.constantFrom(Number.POSITIVE_INFINITY, -0, 12.5));
const customBounds = fc
  .uniqueArray(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 8 })
  .map((bounds) => [...new Set(bounds.map((bound) => bound + 0))].sort((a, b) => a - b));

/** Which buckets there are: the frame that counts are put into. */
type Frame = Pick<Histogram, 'schema' | 'zeroThreshold' | 'positiveSpans' | 'negativeSpans' | 'customValues'>;

const exponential: fc.Arbitrary<Frame> = fc.record({
  schema: fc.integer({ min: -4, max: 8 }),
  zeroThreshold: fc.constantFrom(0, 1e-128, 0.001, 2.938735877055719e-39),
  positiveSpans: spans,
  negativeSpans: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, spans),
  customValues: fc.constant([]),
});
const custom: fc.Arbitrary<Frame> = fc.tuple(customBounds, fc.nat(), fc.nat()).map(([customValues, from, width]) => {
  const buckets = customValues.length + 1;
  const offset = from % buckets;
  const length = 1 + (width % (buckets - offset));
  return {
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    positiveSpans: [{ offset, length }],
    negativeSpans: [],
    customValues,
  };
});

/** What is written when a series with histograms ends. */
export const STALE_HISTOGRAM: Omit<Histogram, 'timestamp'> = {
  isFloat: false,
  schema: 0,
  count: 0,
  sum: STALE_NAN,
  zeroThreshold: 0,
  zeroCount: 0,
  resetHint: 'unknown',
  positiveSpans: [],
  positiveDeltas: [],
  positiveCounts: [],
  negativeSpans: [],
  negativeDeltas: [],
  negativeCounts: [],
  customValues: [],
};

/** Valid histograms of all kinds: integer and float, exponential and custom buckets, every hint, stale markers. */
export function arbitraryHistogram(timestamp: fc.Arbitrary<number>): fc.Arbitrary<Histogram> {
  const real = fc
    .record({ frame: fc.oneof({ weight: 3, arbitrary: exponential }, custom), isFloat: fc.boolean() })
    .chain(({ frame, isFloat }) => filled(frame, isFloat, timestamp));
  const stale = timestamp.map((at) => ({ ...STALE_HISTOGRAM, timestamp: at }));
  return fc.oneof({ weight: 12, arbitrary: real }, stale);
}

/** A series of histograms over one frame, as a scraped target has it, at the given times. */
export function histogramSeries(times: readonly number[]): fc.Arbitrary<Histogram[]> {
  return fc
    .record({ frame: fc.oneof(exponential, custom), isFloat: fc.boolean() })
    .chain(({ frame, isFloat }) => fc.tuple(...times.map((time) => filled(frame, isFloat, fc.constant(time)))));
}

function filled(frame: Frame, isFloat: boolean, timestamp: fc.Arbitrary<number>): fc.Arbitrary<Histogram> {
  const number = isFloat ? fraction : whole;
  const [positives, negatives] = [frame.positiveSpans, frame.negativeSpans].map((side) =>
    side.reduce((total, { length }) => total + length, 0),
  );
  return fc
    .record({
      timestamp,
      positive: fc.array(number, { minLength: positives ?? 0, maxLength: positives ?? 0 }),
      negative: fc.array(number, { minLength: negatives ?? 0, maxLength: negatives ?? 0 }),
      zeroCount: frame.zeroThreshold === 0 ? fc.constant(0) : number,
      sum,
      /** Observations of NaN are in the count and in no bucket. */
      nans: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat({ max: 3 })),
      resetHint: fc.constantFrom(...RESET_HINTS),
      startTimestamp: fc.constantFrom(0, 0, 1, 1_763_800_000_000),
    })
    .map(({ positive, negative, zeroCount, nans, startTimestamp, ...rest }) => {
      const count = [...positive, ...negative].reduce((total, one) => total + one, zeroCount + nans);
      return {
        ...frame,
        ...rest,
        isFloat,
        count,
        zeroCount,
        sum: nans > 0 ? Number.NaN : rest.sum,
        positiveDeltas: isFloat ? [] : deltas(positive),
        positiveCounts: isFloat ? positive : [],
        negativeDeltas: isFloat ? [] : deltas(negative),
        negativeCounts: isFloat ? negative : [],
        ...(startTimestamp > 0 && startTimestamp <= rest.timestamp && { startTimestamp }),
      };
    });
}

function deltas(counts: readonly number[]): number[] {
  return counts.map((count, i) => count - (counts[i - 1] ?? 0));
}
