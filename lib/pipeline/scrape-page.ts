import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { FederatePage } from '../remote/federate.ts';
import { formatOf } from '../textparse/exposition-format.ts';
import { openPage } from '../textparse/open-page.ts';
import type { PageParser } from '../textparse/page-parser.ts';
import type { SeriesCache } from '../textparse/series-cache.ts';
import { honorLabels } from './honor-labels.ts';
import type { ScrapeTarget } from './scrape-schedule.ts';

/** Entries after which others get a turn: no page may make another server's answer look late. */
const ENTRIES_PER_TURN = 5000;

export interface ReadPageOptions {
  readonly target: Pick<ScrapeTarget, 'source' | 'server'>;
  /** ms; what a sample without a timestamp gets. */
  readonly time: number;
  readonly cache: SeriesCache | undefined;
}

/** What a page holds. */
export interface ReadPage {
  readonly series: readonly TimeSeries[];
  /** Samples that stood on the page before, with the same timestamp; the first one counts, as for Prometheus. */
  readonly duplicates: number;
}

/**
 * Takes a page apart: one entry for each sample, with its own timestamp. Types are not looked at, for `/federate` calls
 * everything untyped.
 *
 * @throws ExpositionError; nothing of the page is to be used then.
 */
export async function readPage(page: FederatePage, { target, time, cache }: ReadPageOptions): Promise<ReadPage> {
  const { source, server } = target;
  const limits = { bodyBytes: source.limits.maxBodyBytes, samples: source.limits.maxSamples };
  const parser = openPage(page.body, formatOf(page.contentType), {
    limits,
    normalizesBounds: false,
    ...(cache === undefined ? {} : { cache }),
  });
  const own = { job: source.name, instance: new URL(server).host };
  const series: TimeSeries[] = [];
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind !== 'sample' && kind !== 'histogram') continue;
    const labels = honorLabels(parser.series.labels, source.honorLabels, own);
    series.push({ labels, exemplars: [], ...pointOf(parser, kind, time) });
    if (series.length % ENTRIES_PER_TURN === 0) await nextTurn();
  }
  return { series, duplicates: parser.counts.duplicates };
}

function pointOf(
  parser: PageParser,
  kind: 'sample' | 'histogram',
  time: number,
): Pick<TimeSeries, 'samples' | 'histograms'> {
  const { timestamp = time, startTimestamp } = parser;
  if (kind === 'histogram') return { samples: [], histograms: [{ ...parser.histogram, timestamp }] };
  const since = startTimestamp === undefined ? {} : { startTimestamp };
  return { samples: [{ timestamp, value: parser.value, ...since }], histograms: [] };
}
