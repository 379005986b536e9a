import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PageLimits } from '../context/tenant.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { FederatePage } from '../remote/federate.ts';
import { formatOf } from '../textparse/exposition-format.ts';
import { openPage } from '../textparse/open-page.ts';
import type { PageParser } from '../textparse/page-parser.ts';
import type { SeriesCache } from '../textparse/series-cache.ts';
import type { Judge, JudgedSeries } from './judge-series.ts';

/** Entries after which others get a turn: no page may make another server's answer look late. */
const ENTRIES_PER_TURN = 5000;

export interface ReadPageOptions {
  readonly limits: PageLimits;
  /** ms; what a sample without a timestamp gets. */
  readonly time: number;
  readonly cache: SeriesCache;
  readonly judge: Judge;
}

/** One sample, or one native histogram, and its series. */
export interface PagePoint extends Pick<TimeSeries, 'samples' | 'histograms'> {
  readonly series: JudgedSeries;
}

/** What a page holds. */
export interface ReadPage {
  readonly points: readonly PagePoint[];
  /** Samples that stood on the page before, with the same timestamp; the first one counts, as for Prometheus. */
  readonly duplicates: number;
}

/**
 * Takes a page apart: each sample with its own timestamp. Types are not looked at, for `/federate` calls everything
 * untyped.
 *
 * @throws ExpositionError; nothing of the page is to be used then.
 */
export async function readPage(page: FederatePage, { limits, time, cache, judge }: ReadPageOptions): Promise<ReadPage> {
  const parser = openPage(page.body, formatOf(page.contentType), {
    limits: { bodyBytes: limits.maxBodyBytes, samples: limits.maxSamples },
    normalizesBounds: false,
    cache,
  });
  const points: PagePoint[] = [];
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind === 'sample') points.push(sampleOf(parser, time, judge(parser.series)));
    else if (kind === 'histogram') points.push(histogramOf(parser, time, judge(parser.series)));
    else continue;
    if (points.length % ENTRIES_PER_TURN === 0) await nextTurn();
  }
  return { points, duplicates: parser.counts.duplicates };
}

const NONE: readonly never[] = [];

function sampleOf(
  { timestamp: own, value, startTimestamp }: PageParser,
  time: number,
  series: JudgedSeries,
): PagePoint {
  const timestamp = own ?? time;
  const sample = startTimestamp === undefined ? { timestamp, value } : { timestamp, value, startTimestamp };
  return { series, samples: [sample], histograms: NONE };
}

function histogramOf({ timestamp: own, histogram }: PageParser, time: number, series: JudgedSeries): PagePoint {
  return { series, samples: NONE, histograms: [{ ...histogram, timestamp: own ?? time }] };
}
