import fc from 'fast-check';
import { type Histogram, RESET_HINTS } from '../../lib/model/histogram.ts';
import type { Label } from '../../lib/model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../../lib/model/metadata.ts';
import type { Exemplar, Sample } from '../../lib/model/sample.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import type { TimeSeries, WriteRequest } from '../../lib/prompb/write-request.ts';

/** Any text that UTF-8 can hold: `fc.string` of graphemes makes no lone surrogates. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const longText = fc.oneof(text, fc.string({ unit: 'binary-ascii', minLength: 100, maxLength: 300 }));
const value = fc.oneof(fc.double(), fc.constantFrom(STALE_NAN, Number.NaN, 0, -0, 1));
const timestamp = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(0, -1, 1_795_000_000_000));
const startTimestamp = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1 }).map((at) => ({ startTimestamp: at })),
);

const label: fc.Arbitrary<Label> = fc.record({ name: text, value: longText });
const labels = fc.array(label, { maxLength: 6 });
const exemplar: fc.Arbitrary<Exemplar> = fc.record({ labels, value, timestamp });
const spans = fc.array(fc.record({ offset: fc.integer(), length: fc.nat() }), { maxLength: 4 });
const deltas = fc.array(
  fc.maxSafeInteger().map((n) => Math.trunc(n / 2) + 0),
  { maxLength: 6 },
);
// No stale markers here: V8 may silence a NaN that it stores in an array of doubles, and no bucket has one.
const counts = fc.array(fc.double(), { maxLength: 6 });

const histogramFields = {
  timestamp,
  schema: fc.integer({ min: -53, max: 8 }),
  sum: value,
  zeroThreshold: value,
  resetHint: fc.constantFrom(...RESET_HINTS),
  positiveSpans: spans,
  negativeSpans: spans,
  customValues: counts,
};
const histogram: fc.Arbitrary<Histogram> = fc.oneof(
  fc.record({
    ...histogramFields,
    isFloat: fc.constant(false),
    count: fc.maxSafeNat(),
    zeroCount: fc.maxSafeNat(),
    positiveDeltas: deltas,
    negativeDeltas: deltas,
    positiveCounts: fc.constant([]),
    negativeCounts: fc.constant([]),
  }),
  fc.record({
    ...histogramFields,
    isFloat: fc.constant(true),
    count: value,
    zeroCount: value,
    positiveDeltas: fc.constant([]),
    negativeDeltas: fc.constant([]),
    positiveCounts: counts,
    negativeCounts: counts,
  }),
);
const metadata = fc
  .record({ type: fc.constantFrom(...METRIC_TYPES), help: longText, unit: text })
  .filter(({ type, help, unit }) => type !== 'unknown' || help !== '' || unit !== '');
const family: fc.Arbitrary<MetricMetadata> = fc.record({
  metricFamilyName: text,
  type: fc.constantFrom(...METRIC_TYPES),
  help: longText,
  unit: text,
});
const sample: fc.Arbitrary<Sample> = fc.record({ timestamp, value });

/** Requests that 1.0 can carry without loss. */
export const arbitraryV1: fc.Arbitrary<WriteRequest> = fc
  .record({
    timeseries: fc.array(seriesOf(sample, histogram), { maxLength: 4 }),
    metadata: fc.array(family, { maxLength: 3 }),
  })
  .filter(({ timeseries, metadata }) => timeseries.length + metadata.length > 0);

/** Requests that 2.0 can carry without loss. */
export const arbitraryV2: fc.Arbitrary<WriteRequest> = fc.record({
  timeseries: fc.array(
    fc
      .tuple(
        seriesOf(merged(sample, startTimestamp), merged(histogram, startTimestamp)),
        fc.oneof(
          fc.constant({}),
          metadata.map((of) => ({ metadata: of })),
        ),
      )
      .map(([series, rest]) => ({ ...series, ...rest })),
    { maxLength: 4 },
  ),
  metadata: fc.constant([]),
});

function seriesOf(samples: fc.Arbitrary<Sample>, histograms: fc.Arbitrary<Histogram>): fc.Arbitrary<TimeSeries> {
  return fc.record({
    labels,
    samples: fc.array(samples, { maxLength: 4 }),
    histograms: fc.array(histograms, { maxLength: 2 }),
    exemplars: fc.array(exemplar, { maxLength: 2 }),
  });
}

function merged<A extends object, B extends object>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>): fc.Arbitrary<A & B> {
  return fc.tuple(a, b).map(([first, second]) => ({ ...first, ...second }));
}
