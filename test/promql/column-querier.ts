import { compareLabels, type Labels } from '../../lib/model/labels.ts';
import type { Matcher } from '../../lib/model/matcher.ts';
import type { MetricMetadata } from '../../lib/model/metadata.ts';
import type { Querier, SelectHints, Series } from '../../lib/storage/interface.ts';

/** Reads series that are already in columns; as plain as a querier can be. */
export class ColumnQuerier implements Querier {
  readonly #series: readonly Series[];

  constructor(series: Iterable<Series>) {
    this.#series = [...series].sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    return this.#matching(matchers)
      .map((series) => slice(series, hints.mint, hints.maxt))
      .filter((series) => series.floats.timestamps.length > 0 || series.histograms !== undefined);
  }

  async series(_hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    return this.#matching(matchers).map((series) => series.labels);
  }

  async labelNames(_hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return [...new Set(this.#matching(matchers).flatMap(({ labels }) => [...labels].map(({ name }) => name)))].sort();
  }

  async labelValues(name: string, _hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    const values = this.#matching(matchers).map(({ labels }) => labels.get(name));
    return [...new Set(values.filter((value) => value !== ''))].sort();
  }

  async metadata(): Promise<readonly MetricMetadata[]> {
    return [];
  }

  #matching(matchers: readonly Matcher[]): readonly Series[] {
    return this.#series.filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels.get(matcher.name))));
  }
}

/** The part of a series within [mint, maxt]. */
function slice({ labels, floats, histograms }: Series, mint: number, maxt: number): Series {
  const [from, to] = bounds(floats.timestamps, mint, maxt);
  const kept = {
    timestamps: floats.timestamps.subarray(from, to),
    values: floats.values.subarray(from, to),
    ...(floats.startTimestamps === undefined ? {} : { startTimestamps: floats.startTimestamps.subarray(from, to) }),
  };
  const [first, last] = histograms === undefined ? [0, 0] : bounds(histograms.timestamps, mint, maxt);
  if (histograms === undefined || first === last) return { labels, floats: kept };
  const timestamps = histograms.timestamps.subarray(first, last);
  return { labels, floats: kept, histograms: { timestamps, histograms: histograms.histograms.slice(first, last) } };
}

/** [first index at or after mint, first index after maxt). */
function bounds(timestamps: Float64Array, mint: number, maxt: number): [number, number] {
  const from = firstAtOrAfter(timestamps, mint);
  return [from, Math.max(from, firstAtOrAfter(timestamps, maxt + 1))];
}

function firstAtOrAfter(timestamps: Float64Array, time: number): number {
  let [low, high] = [0, timestamps.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timestamps[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
