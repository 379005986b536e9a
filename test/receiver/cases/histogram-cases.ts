import type { Histogram } from '../../../lib/model/histogram.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { customHistogram, exemplar, labels, nativeHistogram, series, v1, v2 } from '../messages.ts';
import { accepted, answered, type ReceiverCase, refused } from './receiver-case.ts';

const name = (suffix = 'seconds') => labels('__name__', `suite_histogram_${suffix}`, 'job', 'suite');
const of = (...histograms: readonly Histogram[]) => series(name(), { histograms });
const metadata = { type: 'histogram', help: 'How long it takes.', unit: 'seconds' } as const;
const trace = () => exemplar(labels('trace_id', 'abc123'), 0.7);

const negativeOnly = {
  count: 4,
  positiveSpans: [],
  positiveDeltas: [],
  negativeSpans: [{ offset: -2, length: 2 }],
} as const;
const empty = {
  count: 0,
  sum: 0,
  zeroCount: 0,
  positiveSpans: [],
  positiveDeltas: [],
  negativeSpans: [],
  negativeDeltas: [],
} as const;

/** Native histograms, integer and float, exponential and with custom buckets. */
export const HISTOGRAM_CASES: readonly ReceiverCase[] = [
  accepted('a histogram', () => v2(of(nativeHistogram())), [0, 1, 0]),
  accepted('a histogram with custom buckets', () => v2(of(customHistogram())), [0, 1, 0]),
  accepted('positive buckets only', () => v2(of(positiveOnly())), [0, 1, 0]),
  accepted('negative buckets only', () => v2(of(nativeHistogram(negativeOnly))), [0, 1, 0]),
  accepted('one bucket', () => v2(of(nativeHistogram({ ...empty, count: 1, zeroCount: 1 }))), [0, 1, 0]),
  accepted('no observation', () => v2(of(nativeHistogram(empty))), [0, 1, 0]),
  accepted('a float histogram', () => v2(of(floatHistogram())), [0, 1, 0]),
  accepted('a gauge histogram', () => v2(of(nativeHistogram({ resetHint: 'gauge' }))), [0, 1, 0]),
  accepted('the stale marker', () => v2(of(nativeHistogram({ ...empty, sum: STALE_NAN }))), [0, 1, 0]),
  accepted('observations of NaN', () => v2(of(nativeHistogram({ count: 30, sum: Number.NaN }))), [0, 1, 0]),
  accepted('a start timestamp', () => v2(of(nativeHistogram({ startTimestamp: Date.now() - 60_000 }))), [0, 1, 0]),
  accepted(
    'several histograms',
    () => v2(of(nativeHistogram()), series(name('b'), { histograms: [customHistogram()] })),
    [0, 2, 0],
  ),
  accepted('a finer schema than 8, which is reduced', () => v2(of(nativeHistogram({ schema: 20 }))), [0, 1, 0]),
  accepted('fifty histograms', () => v2(...fifty()), [0, 50, 0]),
  accepted('with metadata', () => v2({ ...of(nativeHistogram()), metadata }), [0, 1, 0]),
  accepted('with an exemplar', () => v2({ ...of(nativeHistogram()), exemplars: [trace()] }), [0, 1, 1]),
  accepted('with both', () => v2({ ...of(nativeHistogram()), metadata, exemplars: [trace()] }), [0, 1, 1]),
  accepted('custom buckets with an exemplar', () => v2({ ...of(customHistogram()), exemplars: [trace()] }), [0, 1, 1]),
  accepted(
    'two families with metadata',
    () => v2({ ...of(nativeHistogram()), metadata }, { ...of(customHistogram()), metadata }),
    [0, 2, 0],
  ),

  refused('a count that the buckets do not make', () => v2(of(nativeHistogram({ count: 99 }))), [0, 0, 0], {
    text: /26|27/,
  }),
  refused('a good and a bad histogram', () => v2(of(nativeHistogram()), of(nativeHistogram({ count: 99 }))), [0, 1, 0]),
  bad('fewer observations than in buckets, sum NaN', { count: 20, sum: Number.NaN }),
  bad('spans that promise more buckets', { positiveSpans: [{ offset: 0, length: 9 }] }),
  bad('a span of 4 billion buckets', { positiveSpans: [{ offset: 0, length: 0xffffffff }] }),
  bad('a second span that goes back', {
    positiveSpans: [
      { offset: 0, length: 3 },
      { offset: -1, length: 2 },
    ],
  }),
  bad('a negative bucket', { count: 4, positiveDeltas: [1, -2, 1, 0, 0], positiveSpans: [{ offset: 0, length: 5 }] }),
  bad('schema 53', { schema: 53 }),
  bad('schema -5', { schema: -5 }),
  bad('exponential buckets with custom bounds', { customValues: [1, 2] }),
  badCustom('bounds out of order', { customValues: [1, 0.5, 2, 3, 4, 5] }),
  badCustom('an infinite bound', { customValues: [0.1, 0.5, 1, 2.5, 5, Number.POSITIVE_INFINITY] }),
  badCustom('a NaN for a bound', { customValues: [0.1, 0.5, Number.NaN, 2.5, 5, 10] }),
  badCustom('too few bounds', { customValues: [0.1, 0.5] }),
  badCustom('a zero bucket', { zeroCount: 1, count: 31 }),
  refused('a float bucket below zero', () => v2(of(floatHistogram({ positiveCounts: [1, -2] }))), [0, 0, 0], {
    level: 'choice',
  }),
  refused('timestamp 0', () => v2(of(nativeHistogram({ timestamp: 0 }))), [0, 0, 0], { level: 'choice' }),

  answered('1.0: a histogram', () => v1([of(nativeHistogram())]), 204),
  answered('1.0: a float histogram', () => v1([of(floatHistogram())]), 204),
  answered('1.0: a count that the buckets do not make', () => v1([of(nativeHistogram({ count: 99 }))]), 400),
];

function positiveOnly(): Histogram {
  return nativeHistogram({ count: 24, negativeSpans: [], negativeDeltas: [] });
}

function floatHistogram(changes: Partial<Histogram> = {}): Histogram {
  return nativeHistogram({
    ...empty,
    isFloat: true,
    count: 4.5,
    zeroCount: 0.5,
    positiveSpans: [{ offset: 1, length: 2 }],
    positiveCounts: [1.5, 2.5],
    ...changes,
  });
}

function fifty() {
  return Array.from({ length: 50 }, (_, i) => series(name(`of_${i}`), { histograms: [nativeHistogram()] }));
}

function bad(what: string, changes: Partial<Histogram>): ReceiverCase {
  const request = () => v2(of(nativeHistogram(changes)));
  return refused(`a histogram with ${what}`, request, [0, 0, 0], { level: 'choice', text: /invalid_histogram/ });
}

function badCustom(what: string, changes: Partial<Histogram>): ReceiverCase {
  const request = () => v2(of(customHistogram(changes)));
  return refused(`custom buckets with ${what}`, request, [0, 0, 0], { level: 'choice', text: /invalid_histogram/ });
}
