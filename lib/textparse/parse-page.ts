import type { Histogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { type ExpositionSyntax, formatOf } from './exposition-format.ts';
import { openPage } from './open-page.ts';
import type { FamilyFact, PageCounts, PageExemplar, PageParser, ParseOptions } from './page-parser.ts';

/** A whole page at once. */
export interface ParsedPage {
  /** Samples and native histograms in the order of the page. */
  readonly series: readonly PageEntry[];
  /** One for each family that the page says anything about, in order of first mention; of two statements the last one counts. */
  readonly metadata: readonly MetricMetadata[];
  readonly counts: PageCounts;
}

/** A sample, or a native histogram (`histogram` set, `value` 0). Timestamps in ms. */
export interface PageEntry {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: Histogram | undefined;
  readonly timestamp: number | undefined;
  readonly startTimestamp: number | undefined;
  readonly exemplars: readonly PageExemplar[];
}

export interface ParsePageOptions extends ParseOptions {
  /** The response's header. */
  readonly contentType: string | undefined;
  /** See `formatOf`. */
  readonly fallback?: ExpositionSyntax;
}

/**
 * Reads a page whole. For callers that can hold it; a `PageParser` (`openPage`) goes through it entry by entry.
 * @throws ExpositionError
 */
export function parsePage(page: Uint8Array, options: ParsePageOptions): ParsedPage {
  const parser = openPage(page, formatOf(options.contentType, options.fallback), options);
  const series: PageEntry[] = [];
  const families = new Map<string, MetricMetadata>();
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind === 'sample') series.push(sampleOf(parser));
    else if (kind === 'histogram') series.push({ ...sampleOf(parser), value: 0, histogram: parser.histogram });
    else learn(families, parser.metadata);
  }
  return { series, metadata: [...families.values()], counts: parser.counts };
}

function sampleOf({ series, value, timestamp, startTimestamp, exemplars }: PageParser): PageEntry {
  return { labels: series.labels, value, histogram: undefined, timestamp, startTimestamp, exemplars };
}

function learn(families: Map<string, MetricMetadata>, fact: FamilyFact): void {
  const { metricFamilyName } = fact;
  const known = families.get(metricFamilyName) ?? { metricFamilyName, type: 'unknown', help: '', unit: '' };
  families.set(metricFamilyName, { ...known, ...fact });
}
