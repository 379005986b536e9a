import { describe, expect, it } from 'vitest';
import { ExpositionDecodeError, ExpositionLimitError } from '../../lib/textparse/errors.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import type { ParseOptions } from '../../lib/textparse/page-parser.ts';
import { type Field, labelPair, metric, time, writePage } from './family-message.ts';
import { showPage } from './show-page.ts';

const show = (page: Uint8Array, options: ParseOptions = {}) => showPage(page, 'protobuf', options);

const COUNTER = 0n;
const GAUGE = 1n;
const SUMMARY = 2n;
const UNTYPED = 3n;
const HISTOGRAM = 4n;
const GAUGE_HISTOGRAM = 5n;

function family(name: string, type: bigint, ...fields: readonly Field[]): readonly Field[] {
  return [[1, name], [3, type], ...fields];
}

const exemplar: readonly Field[] = [
  [1, labelPair('trace_id', 'x')],
  [2, 0.25],
  [3, time(1795348559n, 152_900_000n)],
];

/** Buckets -3…-1 and 1…2 of schema 2 with one zero bucket: 2 + 2 + 1 + 1 + 1 observations, and 3 of zero. */
const nativeFields: readonly Field[] = [
  [1, 10n],
  [2, 24.5],
  [5, { sint: 2 }],
  [6, 1e-128],
  [7, 3n],
  [
    12,
    [
      [1, { sint: -3 }],
      [2, 3n],
    ],
  ],
  [
    12,
    [
      [1, { sint: 1 }],
      [2, 2n],
    ],
  ],
  [13, { packedSints: [2, 0, -1, 0, 0] }],
];

const classicFields: readonly Field[] = [
  [
    3,
    [
      [1, 4n],
      [2, 0.5],
      [3, exemplar],
    ],
  ],
  [
    3,
    [
      [1, 9n],
      [2, 1],
    ],
  ],
];

describe('the protobuf format', () => {
  it('reads counters, gauges, untyped families and summaries', () => {
    const page = writePage(
      [
        ...family('pots_total', COUNTER, [2, 'How many "pots".'], [5, 'pots']),
        metric(
          { kind: 'mocha' },
          [
            3,
            [
              [1, 16],
              [2, exemplar],
              [3, time(1795348489n, 402_000_000n)],
            ],
          ],
          1795348558211n,
        ),
        metric({ kind: '' }, [3, [[1, 2]]]),
      ],
      family('heat', GAUGE, metric({}, [2, [[1, -0]]]), metric({ a: 'b' }, [2, []], 0n)),
      family('größe.x', UNTYPED, metric({ 'a.b': 'é' }, [5, [[1, Number.NaN]]])),
      family(
        'brew',
        SUMMARY,
        metric({ q: 'x' }, [
          4,
          [
            [1, 7n],
            [2, 1.5],
            [
              3,
              [
                [1, 0.5],
                [2, 0.2],
              ],
            ],
            [
              3,
              [
                [1, 1],
                [2, 0.9],
              ],
            ],
            [4, time(5n)],
          ],
        ]),
        metric({ q: 'y' }, [
          4,
          [
            [1, 0n],
            [2, 0],
          ],
        ]),
      ),
    );
    expect(show(page)).toEqual([
      'TYPE pots_total counter',
      'HELP pots_total How many "pots".',
      'UNIT pots_total pots',
      'pots_total{kind="mocha"} 16 @1795348558211 since 1795348489402 # {trace_id="x"} 0.25 @1795348559152',
      'pots_total 2',
      'TYPE heat gauge',
      'heat -0',
      'heat{a="b"} 0',
      'TYPE größe.x unknown',
      '{"größe.x", "a.b"="é"} NaN',
      'TYPE brew summary',
      'brew{q="x", quantile="0.5"} 0.2 since 5000',
      'brew{q="x", quantile="1.0"} 0.9 since 5000',
      'brew_sum{q="x"} 1.5 since 5000',
      'brew_count{q="x"} 7 since 5000',
      'brew_sum{q="y"} 0',
      'brew_count{q="y"} 0',
    ]);
  });

  it('reads classic histograms, with and without their last bucket', () => {
    const infinite: Field = [
      3,
      [
        [1, 9n],
        [2, Number.POSITIVE_INFINITY],
      ],
    ];
    const page = writePage(
      family(
        'fill',
        HISTOGRAM,
        metric({ a: '1' }, [7, [[1, 9n], [2, 6.25], ...classicFields]]),
        metric({ a: '2' }, [7, [[1, 9n], [2, 6.25], ...classicFields.slice(1), infinite]]),
        metric({ a: '3' }, [
          7,
          [
            [4, 2.5],
            [2, 1],
            [
              3,
              [
                [4, 1.5],
                [2, 2],
              ],
            ],
          ],
        ]),
        metric({ a: '4' }, [7, []]),
      ),
    );
    expect(show(page)).toEqual([
      'TYPE fill histogram',
      'fill_bucket{a="1", le="0.5"} 4 # {trace_id="x"} 0.25 @1795348559152',
      'fill_bucket{a="1", le="1.0"} 9',
      'fill_bucket{a="1", le="+Inf"} 9',
      'fill_sum{a="1"} 6.25',
      'fill_count{a="1"} 9',
      'fill_bucket{a="2", le="1.0"} 9',
      'fill_bucket{a="2", le="+Inf"} 9',
      'fill_sum{a="2"} 6.25',
      'fill_count{a="2"} 9',
      'fill_bucket{a="3", le="2.0"} 1.5',
      'fill_bucket{a="3", le="+Inf"} 2.5',
      'fill_sum{a="3"} 1',
      'fill_count{a="3"} 2.5',
      'fill_bucket{a="4", le="+Inf"} 0',
      'fill_sum{a="4"} 0',
      'fill_count{a="4"} 0',
    ]);
  });

  it('reads native histograms: integer, float, gauge, empty', () => {
    const float: readonly Field[] = [
      [4, 3.5],
      [2, 7],
      [5, { sint: -1 }],
      [6, 0.001],
      [8, 0.5],
      [
        9,
        [
          [1, { sint: 0 }],
          [2, 1n],
        ],
      ],
      [11, 1],
      [
        12,
        [
          [1, { sint: 0 }],
          [2, 2n],
        ],
      ],
      [14, { packedDoubles: [1.5, 0.5] }],
    ];
    const empty: readonly Field[] = [
      [1, 0n],
      [
        12,
        [
          [1, { sint: 0 }],
          [2, 0n],
        ],
      ],
    ];
    const page = writePage(
      family('steps', HISTOGRAM, metric({ a: 'b' }, [7, [...nativeFields, [15, time(4n)], [16, exemplar]]], 99n)),
      family('depth', GAUGE_HISTOGRAM, metric({}, [7, float])),
      family('idle', HISTOGRAM, metric({}, [7, empty])),
    );
    expect(show(page)).toEqual([
      'TYPE steps histogram',
      'steps{a="b"} integer histogram, schema 2, count 10, sum 24.5, zero 3 below 1e-128, ' +
        'positive -3+3 1+2: 2 0 -1 0 0, negative : , reset unknown @99 since 4000 ' +
        '# {trace_id="x"} 0.25 @1795348559152',
      'TYPE depth gaugehistogram',
      'depth float histogram, schema -1, count 3.5, sum 7, zero 0.5 below 0.001, ' +
        'positive 0+2: 1.5 0.5, negative 0+1: 1, reset gauge',
      'TYPE idle histogram',
      'idle integer histogram, schema 0, count 0, sum 0, zero 0 below 0, positive : , negative : , reset unknown',
    ]);
  });

  it('gives both faces of a histogram, or only the native one', () => {
    const page = writePage(family('both', HISTOGRAM, metric({}, [7, [...nativeFields, ...classicFields]])));
    expect(show(page).map((line) => line.split(',')[0])).toEqual([
      'TYPE both histogram',
      'both integer histogram',
      'both_bucket{le="0.5"} 4 # {trace_id="x"} 0.25 @1795348559152',
      'both_bucket{le="1.0"} 9',
      'both_bucket{le="+Inf"} 10',
      'both_sum 24.5',
      'both_count 10',
    ]);
    const native = show(page, { classicHistograms: 'without-native' });
    expect(native).toHaveLength(2);
    // The buckets' exemplars are of the same observations.
    expect(native[1]).toMatch(/# \{trace_id="x"\} 0.25 @1795348559152$/);
  });

  it('moves the gap of a span without buckets to the next one', () => {
    const spans: readonly Field[] = [
      [
        12,
        [
          [1, { sint: 2 }],
          [2, 0n],
        ],
      ],
      [
        12,
        [
          [1, { sint: 3 }],
          [2, 1n],
        ],
      ],
      [13, { sint: 4 }],
    ];
    const page = writePage(family('a', HISTOGRAM, metric({}, [7, [[1, 4n], ...spans]])));
    expect(show(page)[1]).toMatch(/positive 5\+1: 4, negative/);
  });

  it('takes fields in any order and steps over those it does not know', () => {
    const page = writePage([
      metric({ a: 'b' }, [
        2,
        [
          [9, 'new'],
          [1, 5],
        ],
      ]),
      [77, 'new'],
      [3, GAUGE],
      [1, 'late'],
      [78, 1n],
    ]);
    expect(show(page)).toEqual(['TYPE late gauge', 'late{a="b"} 5']);
  });

  it('keeps the first of a repeated series', () => {
    const one = (value: number, at?: bigint) => metric({ a: 'b' }, [2, [[1, value]]], at);
    const page = writePage(family('g', GAUGE, one(1), one(2), one(3, 7n), one(4, 7n)), family('g', GAUGE, one(5)));
    expect(show(page)).toEqual(['TYPE g gauge', 'g{a="b"} 1', 'g{a="b"} 3 @7', 'TYPE g gauge']);
    const parser = openPage(page, { syntax: 'protobuf', escaping: undefined });
    while (parser.next() !== undefined);
    expect(parser.counts).toMatchObject({ samples: 2, duplicates: 3 });
  });

  it('keeps to the limits', () => {
    const page = writePage(family('g', GAUGE, metric({ a: 'b', c: 'd' }, [2, [[1, 1]]]), metric({}, [2, []])));
    expect(() => show(page, { limits: { labels: 2 } })).toThrow(ExpositionLimitError);
    expect(() => show(page, { limits: { labels: 2 } })).toThrow(/family 1 \("g"\), metric 1: the series has 3 labels/);
    expect(() => show(page, { limits: { samples: 1 } })).toThrow(/metric 2: the page has 2 samples/);
    expect(() => show(page, { limits: { bodyBytes: 3 } })).toThrow(/bodyBytes/);
  });

  it('holds no more of a metric, and reads no more repeated samples, than an honest page has', () => {
    const buckets = (count: number) => metric({}, [7, Array.from({ length: count }, (): Field => [3, []])]);
    const of = (count: number) => writePage(family('h', HISTOGRAM, buckets(count)));
    expect(() => show(of(1000), { limits: { samples: 900 } })).toThrow(/metric 1: the page has 901 samples/);
    expect(() => show(of(530_000))).toThrow(/family 1: a metric has 106\d{4} bytes, more than 1048576/);
  });

  it('leaves out exemplars that are too long, counted', () => {
    const long: readonly Field[] = [
      [1, labelPair('t', 'x'.repeat(128))],
      [2, 1],
    ];
    const page = writePage(
      family(
        'c',
        COUNTER,
        metric({}, [
          3,
          [
            [1, 1],
            [2, long],
          ],
        ]),
      ),
    );
    const parser = openPage(page, { syntax: 'protobuf', escaping: undefined });
    expect([parser.next(), parser.next(), parser.exemplars]).toEqual(['type', 'sample', []]);
    expect(parser.counts.longExemplars).toBe(1);
  });
});

describe('a broken protobuf page', () => {
  const good = writePage(family('g', GAUGE, metric({ a: 'b' }, [2, [[1, 1]]])));
  const gauge = (...fields: readonly Field[]) => writePage(family('g', GAUGE, [4, fields]));

  it.each<[what: string, page: Uint8Array, complaint: RegExp]>([
    ['a page that is cut off', good.subarray(0, -1), /family 1 claims \d+ bytes where \d+ are left/],
    ['bytes that are no family', Buffer.from('a 1\n'), /family 1 claims 97 bytes where 3 are left/],
    ['a family without a name', writePage([[3, GAUGE]]), /family 1: the family has no name/],
    ['a type that nobody knows', writePage(family('x', 6n)), /type 6, which is none of 0 to 5/],
    [
      'a metric of another type',
      writePage(family('x', COUNTER, metric({}, [2, [[1, 1]]]))),
      /"x" metric 1: .*\(counter\)/,
    ],
    ['a label without a name', gauge([1, labelPair('', 'x')], [2, []]), /a label has no name/],
    ['a label given twice', gauge([1, labelPair('a', 'x')], [1, labelPair('a', 'y')], [2, []]), /"a" is given twice/],
    ['a name label', gauge([1, labelPair('__name__', 'x')], [2, []]), /"__name__" is given twice/],
    [
      'text that is not UTF-8',
      gauge(
        [
          1,
          [
            [1, 'a'],
            [2, Buffer.from([0xff])],
          ],
        ],
        [2, []],
      ),
      /value is not valid UTF-8/,
    ],
    ['a wrong wire type', gauge([2, [[1, 5n]]]), /value \(field 1\) has wire type 0 where 1 is expected/],
    [
      'a message that is too long',
      writePage([
        [4, Buffer.from([0x12, 0x7f])],
        [1, 'g'],
        [3, GAUGE],
      ]),
      /gauge claims 127/,
    ],
    [
      'field zero',
      writePage([
        [1, 'g'],
        [0, 1n],
      ]),
      /field number 0/,
    ],
    [
      'spans that promise more buckets',
      writePage(
        family(
          'h',
          HISTOGRAM,
          metric({}, [
            7,
            [
              [12, [[2, 3n]]],
              [13, { packedSints: [1] }],
            ],
          ]),
        ),
      ),
      /"h" metric 1: the positive spans of a histogram hold 3 buckets where 1 are given/,
    ],
    ['a time beyond all times', gauge([7, [[15, time(2n ** 62n)]]]), /out of range/],
  ])('%s', (_, page, complaint) => {
    expect(() => show(page)).toThrow(ExpositionDecodeError);
    expect(() => show(page)).toThrow(complaint);
    expect(() => show(page)).toThrow(/^cannot decode the page: .* at byte \d+$/);
  });

  it('gives what came before it', () => {
    const parser = openPage(Buffer.concat([good, Buffer.from([9, 9])]), { syntax: 'protobuf', escaping: undefined });
    expect([parser.next(), parser.next()]).toEqual(['type', 'sample']);
    expect(() => parser.next()).toThrow(/family 2 claims 9 bytes where 1 are left/);
  });
});
