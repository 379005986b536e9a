import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import {
  concat,
  labels,
  nativeHistogram,
  rawV2,
  rewritten,
  sampled,
  series,
  UNKNOWN_FIELD,
  V1,
  V2,
  v1,
  v2,
} from '../messages.ts';
import { accepted, answered, type ReceiverCase, refused } from './receiver-case.ts';

const VALUES: readonly (readonly [string, number])[] = [
  ['1', 1],
  ['the stale marker', STALE_NAN],
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
];

const GOOD_LABELS: Readonly<Record<string, readonly string[]>> = {
  'a name alone': ['__name__', 'suite_plain'],
  'several labels': ['__name__', 'suite_many', 'env', 'test', 'instance', 'i:1', 'job', 'suite'],
  'a newline in a label name': ['__name__', 'suite_newline', 'line\nbreak', 'a\nb'],
  'a name with dots': ['__name__', 'suite.with.dots', 'label.with.dots', 'x'],
  'a name with spaces': ['__name__', 'suite with spaces', 'label with spaces', 'a b'],
  'text beyond ASCII': ['__name__', 'süite_度量', 'émoji', '🦦'],
};

const name = (suffix: string) => labels('__name__', `suite_${suffix}`, 'job', 'suite');
const hour = 3600_000;

/** Float samples: values, labels, times, and requests of which a part is bad. */
export const SAMPLE_CASES: readonly ReceiverCase[] = [
  ...VALUES.flatMap(([text, value]) => [
    ...Object.entries(GOOD_LABELS).map(([shape, pairs]) =>
      accepted(`one sample of ${text}, ${shape}`, () => v2(sampled(labels(...pairs), value)), [1, 0, 0]),
    ),
    refused(`one sample of ${text} without a name`, () => v2(sampled(labels('job', 'suite'), value)), [0, 0, 0], {
      text: /job="suite".*no metric name/,
    }),
    refused(`one sample of ${text} with an empty name`, () => v2(sampled(labels('__name__', ''), value))),
    accepted(`four series of ${text}`, () => v2(...fourSeries(value)), [4, 0, 0]),
    refused(`four series of ${text}, all nameless`, () => v2(...fourNameless(value)), [0, 0, 0], { text: /4 of 4/ }),
    refused(
      `three good series of ${text} and a nameless one`,
      () => v2(...fourSeries(value).slice(1), sampled(labels('job', 'suite'), value)),
      [3, 0, 0],
      { text: /1 of 4.*3 samples/ },
    ),
  ]),

  accepted('a counter with its start', () => v2(withStart(-hour)), [1, 0, 0]),
  accepted('a start of 0, which is none', () => v2(withStart(-Date.now())), [1, 0, 0]),
  accepted('a start on the series, as until rc.3', () => rawV2(...createdAt(-hour)), [1, 0, 0]),
  refused('a start after the sample', () => v2(withStart(hour)), [0, 0, 0], { level: 'choice', text: /start/ }),
  refused('a start before 1970', () => v2(withStart(-Date.now() - hour)), [0, 0, 0], {
    level: 'choice',
    text: /start timestamp -/,
  }),
  accepted('many samples', () => v2(...Array.from({ length: 500 }, (_, i) => sampled(name(`many_${i}`)))), [500, 0, 0]),
  accepted('several samples of one series', () => v2(at(-3000, -2000, -1000, 0)), [4, 0, 0]),
  accepted('unknown fields behind the message', withUnknownField, [1, 0, 0]),
  accepted('no series at all', () => v2(), [0, 0, 0], { level: 'choice' }),
  accepted('not even symbols', () => rewritten(v2(), new Uint8Array()), [0, 0, 0], { level: 'choice' }),

  accepted('labels out of order', () => v2(sampled(labels('job', 'suite', '__name__', 'suite_unsorted'))), [1, 0, 0]),
  accepted('an empty label value', () => v2(sampled(labels('__name__', 'suite_empty_value', 'a', ''))), [1, 0, 0], {
    level: 'choice',
  }),
  refused('a label twice', () => v2(sampled(labels('__name__', 'suite_twice', 'a', '1', 'a', '2'))), [0, 0, 0], {
    text: /suite_twice.*twice/,
  }),
  refused('a label without a name', () => v2(sampled(labels('', 'x', '__name__', 'suite_nameless'))), [0, 0, 0], {
    text: /suite_nameless/,
  }),
  refused('an odd number of references', () => rawV2(['', '__name__', 'a'], [{ refs: [1, 2, 1] }]), [0, 0, 0], {
    text: /odd/,
  }),
  refused('a reference outside the table', () => rawV2(['', '__name__', 'a'], [{ refs: [1, 99] }]), [0, 0, 0], {
    text: /symbol 99 of 3/,
  }),
  refused(
    'a bad reference beside good series',
    () => rawV2(['', '__name__', 'a'], [{ refs: [1, 2] }, { refs: [1, 9] }]),
    [1, 0, 0],
  ),
  refused('a help reference outside the table', () => rawV2(['', '__name__', 'a'], [{ refs: [1, 2], helpRef: 7 }])),
  refused('a unit reference outside the table', () => rawV2(['', '__name__', 'a'], [{ refs: [1, 2], unitRef: 7 }])),
  refused('an exemplar reference outside the table', () =>
    rawV2(['', '__name__', 'a'], [{ refs: [1, 2], exemplarRefs: [1, 7] }]),
  ),
  refused('no symbols', () => rawV2([], [{ refs: [1, 2] }])),
  refused(
    'symbols that do not begin with the empty one',
    () => rawV2(['__name__', 'a'], [{ refs: [0, 1] }]),
    [0, 0, 0],
    {
      level: 'choice',
      text: /symbols\[0\]/,
    },
  ),
  refused('a series without samples', () => v2(series(name('hollow'))), [0, 0, 0], { text: /no sample/ }),
  refused(
    'a series with samples and histograms',
    () => v2(sampled(name('mixed'), 1, { histograms: [nativeHistogram()] })),
    [0, 0, 0],
    { level: 'choice' },
  ),

  accepted('the same sample twice', () => v2(...twice(1, 1)), [2, 0, 0], { level: 'choice' }),
  accepted('another value for one time', () => v2(...twice(1, 2)), [2, 0, 0], { level: 'choice' }),
  accepted('samples out of order', () => v2(at(0, -60_000)), [2, 0, 0], { level: 'choice' }),
  refused('a sample of last year', () => v2(at(-365 * 24 * hour)), [0, 0, 0], { level: 'choice', text: /too old/ }),
  refused('a sample of in an hour', () => v2(at(hour)), [0, 0, 0], { level: 'choice', text: /ahead/ }),
  refused('a good and an old sample of one series', () => v2(at(0, -365 * 24 * hour)), [1, 0, 0], { level: 'choice' }),
  refused('timestamp 0', () => v2(at(-Date.now())), [0, 0, 0], { level: 'choice' }),
  refused('a negative timestamp', () => v2(at(-Date.now() - 5)), [0, 0, 0], { level: 'choice', text: /-5/ }),

  answered('1.0: one sample', () => v1([sampled(name('v1'))]), 204),
  answered('1.0: the stale marker', () => v1([sampled(name('v1'), STALE_NAN)]), 204),
  answered('1.0: labels out of order', () => v1([sampled(labels('job', 'suite', '__name__', 'suite_v1'))]), 204),
  answered('1.0: unknown fields', v1WithUnknownField, 204),
  answered('1.0: an empty message', () => rewritten(v1([]), new Uint8Array()), 204, { level: 'choice' }),
  answered('1.0: no name', () => v1([sampled(labels('job', 'suite'))]), 400, {
    level: 'choice',
    text: /no metric name/,
  }),
  answered('1.0: a label twice', () => v1([sampled(labels('__name__', 'a', 'b', '1', 'b', '2'))]), 400, {
    level: 'choice',
  }),
  answered('1.0: an empty label name', () => v1([sampled(labels('', 'x', '__name__', 'a'))]), 400, { level: 'choice' }),
  answered('1.0: an empty label value', () => v1([sampled(labels('__name__', 'a', 'b', ''))]), 204, {
    level: 'choice',
  }),
  answered('1.0: text that is not UTF-8', v1NotUtf8, 400, { level: 'choice', text: /UTF-8/ }),
  answered('1.0: a good and a bad series', () => v1([sampled(name('v1')), sampled(labels('a', 'b'))]), 400, {
    text: /1 of 2.*1 samples/,
    level: 'choice',
  }),
  answered('1.0: too old', () => v1([at(-365 * 24 * hour)]), 400, { level: 'choice', text: /too old/ }),
  answered('1.0: out of order', () => v1([at(0, -60_000)]), 204, { level: 'choice' }),
];

function fourSeries(value: number) {
  return ['a', 'b', 'c', 'd'].map((letter) => sampled(name(`four_${letter}`), value));
}

function fourNameless(value: number) {
  return ['a', 'b', 'c', 'd'].map((letter) => sampled(labels('job', letter), value));
}

function at(...offsets: readonly number[]) {
  const now = Date.now();
  return series(name('times'), { samples: offsets.map((offset, value) => ({ timestamp: now + offset, value })) });
}

function withStart(offset: number) {
  const timestamp = Date.now();
  return series(name('started_total'), { samples: [{ timestamp, value: 3, startTimestamp: timestamp + offset }] });
}

function createdAt(offset: number): Parameters<typeof rawV2> {
  return [['', '__name__', 'suite_created_total'], [{ refs: [1, 2], createdTimestamp: Date.now() + offset }]];
}

function twice(first: number, second: number) {
  const timestamp = Date.now();
  return [first, second].map((value) => series(name('twice'), { samples: [{ timestamp, value }] }));
}

function withUnknownField() {
  const request = { timeseries: [sampled(name('unknown'))], metadata: [] };
  return rewritten(v2(), concat(encodeWriteRequest(request, V2), UNKNOWN_FIELD));
}

function v1WithUnknownField() {
  const request = { timeseries: [sampled(name('unknown'))], metadata: [] };
  return rewritten(v1([]), concat(UNKNOWN_FIELD, encodeWriteRequest(request, V1)));
}

/** `é` in Latin-1, a byte that no UTF-8 text ends with. */
function v1NotUtf8() {
  const bytes = encodeWriteRequest(
    { timeseries: [sampled(labels('__name__', 'suite_latin', 'a', 'caf~'))], metadata: [] },
    V1,
  );
  return rewritten(
    v1([]),
    bytes.map((byte) => (byte === 0x7e ? 0xe9 : byte)),
  );
}
