import type { Label } from '../../../lib/model/labels.ts';
import { exemplar, labels, nativeHistogram, sampled, series, v1, v2 } from '../messages.ts';
import { accepted, answered, type ReceiverCase, refused } from './receiver-case.ts';

const name = labels('__name__', 'suite_exemplars_total', 'job', 'suite');
const withExemplar = (of: readonly Label[], value = 1) => v2(sampled(name, 1, { exemplars: [exemplar(of, value)] }));
const trace = labels('trace_id', 'abc123');

/** Exemplars: a bad one is left out of the count and fails nothing. */
export const EXEMPLAR_CASES: readonly ReceiverCase[] = [
  ...Object.entries({
    'a trace': trace,
    'a trace and a span': labels('span_id', 'def456', 'trace_id', 'abc123'),
    'no trace': labels('request', '17'),
    'several labels': labels('a', '1', 'b', '2', 'c', '3', 'd', '4'),
    'no labels': [],
    'special characters': labels('path', '/a?b="c"\n\t\\'),
    'text beyond ASCII': labels('ключ', 'значение 🦦'),
    '128 characters': labels('k', 'é'.repeat(127)),
  }).map(([shape, of]) => accepted(`an exemplar with ${shape}`, () => withExemplar(of), [1, 0, 1])),
  ...[0, -1.5, 1e300, 1e-300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) =>
    accepted(`an exemplar of ${value}`, () => withExemplar(trace, value), [1, 0, 1]),
  ),
  accepted('an exemplar on a counter with its start', withStart, [1, 0, 1]),
  accepted('three series with exemplars', () => v2(...three()), [3, 0, 3]),
  accepted('exemplars of an hour, a minute and no time ago', () => v2(spread()), [1, 0, 3]),
  accepted('fifty samples with exemplars', () => v2(...fifty()), [50, 0, 50]),
  accepted('an exemplar of 129 characters', () => withExemplar(labels('k', 'x'.repeat(128))), [1, 0, 0], {
    level: 'choice',
  }),
  accepted(
    'an exemplar without a timestamp',
    () => v2(sampled(name, 1, { exemplars: [exemplar(trace, 1, 0)] })),
    [1, 0, 0],
    {
      level: 'choice',
    },
  ),
  refused('an exemplar of a series without a name', () =>
    v2(sampled(labels('job', 'x'), 1, { exemplars: [exemplar(trace)] })),
  ),
  refused('an exemplar of a series with an empty name', () =>
    v2(sampled(labels('__name__', ''), 1, { exemplars: [exemplar(trace)] })),
  ),
  accepted('exemplars apart from their samples, as Prometheus 3 sends them', apart, [1, 0, 1], { level: 'choice' }),
  refused('exemplars without a sample', () => v2(series(name, { exemplars: [exemplar(trace)] })), [0, 0, 0], {
    text: /exemplars and no sample/,
  }),
  answered('1.0: exemplars without a sample', () => v1([series(name, { exemplars: [exemplar(trace)] })]), 204),
  answered(
    '1.0: an exemplar of 129 characters',
    () => v1([sampled(name, 1, { exemplars: [exemplar(labels('k', 'x'.repeat(128)))] })]),
    204,
    { level: 'choice' },
  ),
];

function withStart() {
  const timestamp = Date.now();
  const samples = [{ timestamp, value: 2, startTimestamp: timestamp - 60_000 }];
  return v2(series(name, { samples, exemplars: [exemplar(trace, 1, timestamp)] }));
}

function apart() {
  return v2(sampled(name), series(name, { exemplars: [exemplar(trace)] }));
}

function three() {
  return ['a', 'b', 'c'].map((letter) =>
    sampled(labels('__name__', `suite_${letter}_total`), 1, { exemplars: [exemplar(labels('trace_id', letter))] }),
  );
}

function spread() {
  const now = Date.now();
  return sampled(name, 1, { exemplars: [3600_000, 60_000, 0].map((ago) => exemplar(trace, 1, now - ago)) });
}

function fifty() {
  return Array.from({ length: 50 }, (_, i) =>
    sampled(labels('__name__', 'suite_fifty_total', 'n', String(i)), i, { exemplars: [exemplar(trace, i)] }),
  );
}

/** Samples, histograms, metadata and exemplars together. */
export const COMBINED_CASES: readonly ReceiverCase[] = [
  accepted('samples with metadata and exemplars', () => v2(...counters()), [3, 0, 3]),
  accepted('histograms with metadata and exemplars', () => v2(histogram('a'), histogram('b')), [0, 2, 2]),
  accepted(
    'samples and histograms of several families',
    () => v2(...counters(), histogram('a'), histogram('b')),
    [3, 2, 5],
  ),
  refused(
    'several families, one without a name',
    () => v2(...counters(), histogram('a'), sampled(labels('a', 'b'))),
    [3, 1, 4],
  ),
  accepted('special characters everywhere', special, [1, 0, 1]),
];

function counters() {
  return three().map((counter) => ({
    ...counter,
    metadata: { type: 'counter', help: 'How many.', unit: '' } as const,
  }));
}

function histogram(letter: string) {
  return series(labels('__name__', `suite_${letter}_seconds`), {
    histograms: [nativeHistogram()],
    exemplars: [exemplar(trace, 0.2)],
    metadata: { type: 'histogram', help: 'How long.', unit: 'seconds' },
  });
}

function special() {
  const text = 'a"b\\c\nd\te\u0000f\u202eg';
  return v2(
    sampled(labels('__name__', `suite ${text}`, text, text), 1, {
      exemplars: [exemplar(labels(text, text))],
      metadata: { type: 'gauge', help: text, unit: text },
    }),
  );
}
