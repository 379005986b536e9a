import { ExpositionError } from '../../../lib/textparse/errors.ts';
import { type ExpositionSyntax, formatOf } from '../../../lib/textparse/exposition-format.ts';
import { openPage } from '../../../lib/textparse/open-page.ts';
import { SeriesCache } from '../../../lib/textparse/series-cache.ts';
import { labelPair, metric, time, writePage } from '../../textparse/family-message.ts';
import { asText, type FuzzTarget, readCorpus, readRecorded, texts } from '../fuzz-target.ts';

const WORDS = [
  ...['# HELP a text', '# TYPE a counter', '# TYPE a histogram', '# UNIT a_seconds seconds', '# EOF', '#', '# {'],
  ...[
    'a_total',
    'a_bucket{le="1"}',
    '{',
    '}',
    '{"ä.b"}',
    ',',
    '="',
    '"',
    '\\',
    '\\n',
    '\t',
    ' ',
    '1',
    '1.5e-7',
    '+Inf',
  ],
  ...['1795348558211', '-', '9223372036854775808', '0x1p-4', '1_000', 'stale', '{trace_id="x"} 1 2', 'le="+Inf"'],
];

/** The exposition formats, with a cache of series as a federation source has one, and the header that chooses. */
export const PAGE_TARGETS: readonly FuzzTarget[] = [
  page('text', [
    ...readCorpus('text'),
    ...readRecorded(/^http.*(?:federate|metrics)_(?!.*(?:proto|om|openm)).*\.body$/),
  ]),
  page('openmetrics', [...readCorpus('openmetrics'), ...readRecorded(/^http.*(?:_om|openmetrics).*\.body$/)]),
  page('protobuf', [protobufPage(), ...readRecorded(/^http.*proto.*\.body$/)]),
  {
    name: 'exposition Content-Type',
    corpus: texts(
      'text/plain; version=0.0.4; charset=utf-8; escaping=values',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
    ),
    words: ['text/plain', 'application/', ';', '=', '"', 'version', 'q=0.5', ',', '\\', ' ', 'charset="utf-8'],
    refusals: [ExpositionError],
    run: (input) => formatOf(asText(input)),
  },
];

function page(syntax: ExpositionSyntax, corpus: readonly Uint8Array[]): FuzzTarget {
  const limits = { bodyBytes: 1 << 20, samples: 10_000 };
  let cache = new SeriesCache();
  let pages = 0;
  return {
    name: `exposition ${syntax}`,
    corpus,
    words: syntax === 'protobuf' ? [] : WORDS,
    refusals: [ExpositionError],
    run: (input) => {
      if (pages++ % 1000 === 0) cache = new SeriesCache();
      const parser = openPage(input, { syntax, escaping: undefined }, { cache, limits });
      let entries = 0;
      for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
        entries++;
        if (kind === 'sample' && parser.series.labels.metricName === undefined) throw new Error('a series has no name');
      }
      const { samples, histograms } = parser.counts;
      if (samples + histograms > entries) throw new Error(`counted ${samples + histograms} of ${entries} entries`);
    },
  };
}

function protobufPage(): Uint8Array {
  const exemplar: Parameters<typeof metric>[1] = [
    15,
    [
      [1, labelPair('trace_id', 'x')],
      [2, 0.5],
      [3, time(1795347944n)],
    ],
  ];
  return writePage(
    [[1, 'a_total'], [2, 'help'], [3, 0n], metric({ x: 'y' }, [3, [[1, 4.5]]], 1795347944639n)],
    [[1, 'g'], [3, 1n], metric({}, [2, [[1, -1]]]), metric({ é: '"' }, [2, [[1, Number.NaN]]])],
    [
      [1, 'h'],
      [3, 4n],
      metric({ x: 'y' }, [
        7,
        [
          [1, 10n],
          [2, 24.5],
          [
            3,
            [
              [1, 4n],
              [2, 0.5],
            ],
          ],
          [
            3,
            [
              [1, 10n],
              [2, Number.POSITIVE_INFINITY],
            ],
          ],
          [5, { sint: 3 }],
          [6, 0.001],
          [
            12,
            [
              [1, { sint: 0 }],
              [2, 2n],
            ],
          ],
          [13, { packedSints: [1, 2] }],
          exemplar,
        ],
      ]),
    ],
  );
}
