import { type Label, Labels, METRIC_NAME } from '../model/labels.ts';
import { ExpositionLimitError, ExpositionSyntaxError } from './errors.ts';
import type { BoundLabel } from './family-types.ts';
import { normalizeBound } from './format-bound.ts';
import { exceedsLimits, toLabels } from './label-rules.ts';
import type { PageLimits } from './page-limits.ts';
import { type PageText, unescapeQuoted } from './page-text.ts';
import type { SeriesScanner } from './scan-series.ts';
import { describePosition } from './text-position.ts';

/**
 * The labels of the series that was scanned last.
 *
 * @param boundLabel the label whose value is to be normalised, if any.
 * @throws ExpositionSyntaxError for a repeated label and for text that is not UTF-8.
 * @throws ExpositionLimitError
 */
export function decodeSeries(
  bytes: Uint8Array,
  text: PageText,
  scanned: SeriesScanner,
  boundLabel: BoundLabel,
  limits: PageLimits,
): Labels {
  const labels = decodeLabelRanges(text, scanned);
  if (boundLabel !== '') normalizeLabel(labels, boundLabel);
  labels.push({ name: METRIC_NAME, value: decodeRange(text, scanned, scanned.nameStart, scanned.nameEnd, 'name') });
  const excess = exceedsLimits(labels, limits);
  const outcome = excess ?? toLabels(labels);
  if (outcome instanceof Labels) return outcome;
  if ('reason' in outcome) throw new ExpositionSyntaxError(bytes, scanned.start, outcome.reason);
  const { limit, what } = outcome;
  throw new ExpositionLimitError(limit, limits[limit], `${describePosition(bytes, scanned.start)}: ${what}`);
}

/** The labels that were scanned last, in the order of the page. */
export function decodeLabelRanges(text: PageText, scanned: SeriesScanner): Label[] {
  const { ranges } = scanned;
  const labels: Label[] = [];
  for (let i = 0; i < ranges.length; i += 4) {
    labels.push({
      name: decodeRange(text, scanned, ranges[i] as number, ranges[i + 1] as number, 'label name'),
      value: decodeRange(text, scanned, ranges[i + 2] as number, ranges[i + 3] as number, 'label value'),
    });
  }
  return labels;
}

function decodeRange(text: PageText, scanned: SeriesScanner, start: number, end: number, what: string): string {
  return unescapeQuoted(scanned.isAscii ? text.ascii(start, end) : text.utf8(start, end, what));
}

function normalizeLabel(labels: Label[], name: string): void {
  const index = labels.findIndex((label) => label.name === name);
  const label = labels[index];
  if (label !== undefined) labels[index] = { name, value: normalizeBound(label.value) };
}
