import type { Histogram } from '../model/histogram.ts';
import type { Sample } from '../model/sample.ts';
import { FloatColumnBuilder } from './float-column-builder.ts';
import { HistogramColumnBuilder } from './histogram-column-builder.ts';
import type { FloatColumn, HistogramColumn, Series } from './interface.ts';
import { outranksFloat } from './settle-histogram.ts';

/** What a store has of one series. A timestamp stands in at most one of the two columns. */
export type SeriesColumns = Pick<Series, 'floats' | 'histograms'>;

/** Gathers floats and histograms of one series, in any order and any number of times. */
export class SeriesBuilder {
  readonly #floats = new FloatColumnBuilder();
  /** Made with the first histogram: most series never have one. */
  #histograms: HistogramColumnBuilder | undefined;

  push({ timestamp, value, startTimestamp }: Sample): void {
    this.#floats.push(timestamp, value, startTimestamp);
  }

  pushHistogram(histogram: Histogram): void {
    this.#ofHistograms().push(histogram);
  }

  /** Takes over the part of a sorted column that lies in [mint, maxt], and tells how long it is. */
  pushColumn(column: FloatColumn, mint = Number.NEGATIVE_INFINITY, maxt = Number.POSITIVE_INFINITY): number {
    return this.#floats.pushColumn(column, mint, maxt);
  }

  /** Takes over those of a sorted list that lie in [mint, maxt], and tells how many. */
  pushHistograms(
    histograms: readonly Histogram[],
    mint = Number.NEGATIVE_INFINITY,
    maxt = Number.POSITIVE_INFINITY,
  ): number {
    return histograms.length === 0 ? 0 : this.#ofHistograms().pushAll(histograms, mint, maxt);
  }

  pushSeries({ floats, histograms }: SeriesColumns): void {
    this.pushColumn(floats);
    if (histograms !== undefined) this.pushHistograms(histograms.histograms);
  }

  /** What lies in [mint, maxt], every timestamp once; what is gathered later does not change it. */
  build(mint?: number, maxt?: number): SeriesColumns {
    const floats = this.#floats.build(mint, maxt);
    const histograms = this.#histograms?.build(mint, maxt);
    if (histograms === undefined || histograms.timestamps.length === 0) return { floats };
    return floats.timestamps.length === 0 ? { floats, histograms } : apart(floats, histograms);
  }

  /** Whether anything lies in [mint, maxt]. */
  has(mint: number, maxt: number): boolean {
    return this.#floats.has(mint, maxt) || this.#histograms?.has(mint, maxt) === true;
  }

  #ofHistograms(): HistogramColumnBuilder {
    this.#histograms ??= new HistogramColumnBuilder();
    return this.#histograms;
  }
}

/** How many samples columns hold, of both kinds. */
export function countOf({ floats, histograms }: SeriesColumns): number {
  return floats.timestamps.length + (histograms?.timestamps.length ?? 0);
}

/** Of a float and a histogram at one time only that is kept which outranks the other. */
function apart(floats: FloatColumn, histograms: HistogramColumn): SeriesColumns {
  const [lostFloats, lostHistograms] = losers(floats, histograms);
  if (lostFloats.size + lostHistograms.size === 0) return { floats, histograms };
  const kept = histograms.histograms.filter((_, i) => !lostHistograms.has(i));
  const left = { floats: withoutIndexes(floats, lostFloats) };
  if (kept.length === 0) return left;
  return {
    ...left,
    histograms: { timestamps: Float64Array.from(kept, ({ timestamp }) => timestamp), histograms: kept },
  };
}

function losers(floats: FloatColumn, { timestamps, histograms }: HistogramColumn): [Set<number>, Set<number>] {
  const [lostFloats, lostHistograms] = [new Set<number>(), new Set<number>()];
  for (let f = 0, h = 0; f < floats.timestamps.length && h < timestamps.length; ) {
    const order = (floats.timestamps[f] as number) - (timestamps[h] as number);
    if (order === 0) {
      if (outranksFloat(histograms[h] as Histogram, floats.values[f] as number)) lostFloats.add(f);
      else lostHistograms.add(h);
    }
    if (order <= 0) f++;
    if (order >= 0) h++;
  }
  return [lostFloats, lostHistograms];
}

function withoutIndexes({ timestamps, values, startTimestamps }: FloatColumn, lost: ReadonlySet<number>): FloatColumn {
  if (lost.size === 0)
    return startTimestamps === undefined ? { timestamps, values } : { timestamps, values, startTimestamps };
  const kept = { timestamps: keep(timestamps, lost), values: keep(values, lost) };
  const starts = startTimestamps && keep(startTimestamps, lost);
  return starts?.some((start) => start !== 0) ? { ...kept, startTimestamps: starts } : kept;
}

/** `filter` of a typed array: no value passes through an ordinary array, so markers keep their bits. */
function keep(column: Float64Array, lost: ReadonlySet<number>): Float64Array {
  return column.filter((_, i) => !lost.has(i));
}
