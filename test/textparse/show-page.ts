import { formatFloat } from '../../lib/model/format-float.ts';
import type { ExpositionSyntax } from '../../lib/textparse/exposition-format.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import type { EntryKind, PageExemplar, PageParser, ParseOptions } from '../../lib/textparse/page-parser.ts';

/**
 * What a parser finds in a page, one line an entry, for goldens that a person can read:
 * `TYPE a counter`, `a_total{b="c"} 1 @1000 since 500 # {trace_id="x"} 0.5 @900`. Escapes are JSON's.
 */
export function showPage(page: string | Uint8Array, syntax: ExpositionSyntax, options: ParseOptions = {}): string[] {
  const bytes = typeof page === 'string' ? Buffer.from(page) : page;
  const parser = openPage(bytes, { syntax, escaping: undefined }, options);
  const lines: string[] = [];
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) lines.push(showEntry(kind, parser));
  return lines;
}

function showEntry(kind: EntryKind, parser: PageParser): string {
  if (kind !== 'sample' && kind !== 'histogram') {
    const { metricFamilyName, type = '', help = '', unit = '' } = parser.metadata;
    return `${kind.toUpperCase()} ${metricFamilyName} ${inOneLine(type + help + unit)}`.trimEnd();
  }
  const value = kind === 'sample' ? formatFloat(parser.value) : showHistogram(parser);
  const since = parser.startTimestamp === undefined ? '' : ` since ${parser.startTimestamp}`;
  return `${parser.series.labels} ${value}${showTime(parser.timestamp)}${since}${parser.exemplars.map(showExemplar).join('')}`;
}

function showHistogram({ histogram: h }: PageParser): string {
  const side = (spans: typeof h.positiveSpans, buckets: readonly number[]) =>
    `${spans.map(({ offset, length }) => `${offset}+${length}`).join(' ')}: ${buckets.join(' ')}`;
  const [positive, negative] = h.isFloat ? [h.positiveCounts, h.negativeCounts] : [h.positiveDeltas, h.negativeDeltas];
  return (
    `${h.isFloat ? 'float' : 'integer'} histogram, schema ${h.schema}, count ${h.count}, sum ${h.sum}, ` +
    `zero ${h.zeroCount} below ${h.zeroThreshold}, positive ${side(h.positiveSpans, positive)}, ` +
    `negative ${side(h.negativeSpans, negative)}, reset ${h.resetHint}`
  );
}

function showExemplar({ labels, value, timestamp }: PageExemplar): string {
  const pairs = labels.map((label) => `${label.name}=${JSON.stringify(label.value)}`);
  return ` # {${pairs.join(',')}} ${formatFloat(value)}${showTime(timestamp)}`;
}

function showTime(timestamp: number | undefined): string {
  return timestamp === undefined ? '' : ` @${timestamp}`;
}

function inOneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}
