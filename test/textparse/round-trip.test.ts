import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatFloatGeneral } from '../../lib/model/format-float.ts';
import { isLegacyLabelName, isLegacyMetricName, Labels } from '../../lib/model/labels.ts';
import type { ExpositionSyntax } from '../../lib/textparse/exposition-format.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import { SeriesCache } from '../../lib/textparse/series-cache.ts';

interface Line {
  readonly name: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly value: number;
  /** ms */
  readonly timestamp: number | undefined;
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 10 });
const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((name) => name !== '__name__');
const legacyName = fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/);
const line: fc.Arbitrary<Line> = fc.record({
  name: fc.oneof(legacyName, legacyName, anyName),
  labels: fc.uniqueArray(
    fc.record({
      name: fc.oneof(legacyName, legacyName, anyName),
      value: fc.oneof(anyText, fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', 'a', '\0'), maxLength: 6 })),
    }),
    { maxLength: 5, selector: ({ name }) => name },
  ),
  value: fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY)),
  timestamp: fc.option(fc.integer({ min: -(10 ** 13), max: 10 ** 13 }), { nil: undefined }),
});
const page = fc.uniqueArray(line, { maxLength: 8, selector: ({ name, labels }) => labelsOf(name, labels).key });
/** What the text format allows between two tokens. */
const blank = fc.constantFrom('', '', ' ', '\t', '  ');

it.each(['text', 'openmetrics'] as const)('reads any page of %s that it is written', (syntax) => {
  const cache = new SeriesCache();
  fc.assert(
    fc.property(page, fc.array(blank, { minLength: 1, maxLength: 7 }), (lines, blanks) => {
      const written = writeText(lines, syntax, syntax === 'text' ? blanks : ['']);
      const expected = lines.map((one) => ({ ...one, labels: labelsOf(one.name, one.labels).key }));
      expect(read(written, syntax, new SeriesCache())).toEqual(expected);
      // A cache that has seen other pages, and then this one.
      expect(read(written, syntax, cache)).toEqual(expected);
      expect(read(written, syntax, cache)).toEqual(expected);
    }),
    { numRuns: 1500 },
  );
});

function read(text: string, syntax: ExpositionSyntax, cache: SeriesCache) {
  const parser = openPage(Buffer.from(text), { syntax, escaping: undefined }, { cache });
  const found = [];
  while (parser.next() !== undefined) {
    const { series, value, timestamp } = parser;
    found.push({ name: series.labels.metricName, labels: series.labels.key, value, timestamp });
  }
  return found;
}

function writeText(lines: readonly Line[], syntax: ExpositionSyntax, blanks: readonly string[]): string {
  let blanksUsed = 0;
  const gap = () => blanks[blanksUsed++ % blanks.length] as string;
  const written = lines.map(({ name, labels, value, timestamp }) => {
    const pairs = labels.map((label) => {
      const labelName = isLegacyLabelName(label.name) ? label.name : quote(label.name);
      return `${gap()}${labelName}${gap()}=${gap()}${quote(label.value)}${gap()}`;
    });
    const isPlain = isLegacyMetricName(name);
    const braces = [...(isPlain ? [] : [quote(name)]), ...pairs].join(',');
    const head = isPlain ? `${name}${braces === '' ? '' : `${gap()}{${braces}}`}` : `{${braces}}`;
    const time = timestamp === undefined ? '' : ` ${syntax === 'text' ? timestamp : timestamp / 1000}`;
    return `${gap()}${head}${gap()} ${formatFloatGeneral(value)}${time}${gap()}\n`;
  });
  return `${written.join('')}${syntax === 'openmetrics' ? '# EOF\n' : ''}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function labelsOf(name: string, labels: Line['labels']): Labels {
  return Labels.from([...labels, { name: '__name__', value: name }]);
}
