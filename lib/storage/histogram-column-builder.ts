import type { Histogram } from '../model/histogram.ts';
import type { HistogramColumn } from './interface.ts';
import { compareHistograms } from './settle-histogram.ts';

/**
 * Gathers the histograms of one series in any order and any number of times; what comes out is sorted, and every
 * timestamp stands once, with the histogram that `compareHistograms` prefers.
 */
export class HistogramColumnBuilder {
  #histograms: Histogram[] = [];
  #settled = true;

  /** Histograms gathered so far, each timestamp once. */
  get length(): number {
    this.#settle();
    return this.#histograms.length;
  }

  push(histogram: Histogram): void {
    const last = this.#histograms.at(-1);
    if (last !== undefined && histogram.timestamp <= last.timestamp) this.#settled = false;
    this.#histograms.push(histogram);
  }

  /** Takes over those of a sorted list that lie in [mint, maxt], and tells how many. */
  pushAll(histograms: readonly Histogram[], mint: number, maxt: number): number {
    let count = 0;
    for (const histogram of histograms) {
      if (histogram.timestamp > maxt) break;
      if (histogram.timestamp < mint) continue;
      this.push(histogram);
      count++;
    }
    return count;
  }

  /** Those in [mint, maxt]; what is gathered later does not change them. */
  build(mint = Number.NEGATIVE_INFINITY, maxt = Number.POSITIVE_INFINITY): HistogramColumn {
    this.#settle();
    const histograms = this.#histograms.filter(({ timestamp }) => timestamp >= mint && timestamp <= maxt);
    return { timestamps: Float64Array.from(histograms, ({ timestamp }) => timestamp), histograms };
  }

  /** Whether any lies in [mint, maxt]. */
  has(mint: number, maxt: number): boolean {
    return this.#histograms.some(({ timestamp }) => timestamp >= mint && timestamp <= maxt);
  }

  #settle(): void {
    if (this.#settled) return;
    const settled: Histogram[] = [];
    for (const histogram of this.#histograms.sort(compareTimes)) {
      // The greatest of a timestamp comes last.
      if (settled.at(-1)?.timestamp === histogram.timestamp) settled[settled.length - 1] = histogram;
      else settled.push(histogram);
    }
    this.#histograms = settled;
    this.#settled = true;
  }
}

function compareTimes(a: Histogram, b: Histogram): number {
  return a.timestamp - b.timestamp || compareHistograms(a, b);
}
