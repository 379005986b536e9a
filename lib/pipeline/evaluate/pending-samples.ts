import type { Histogram } from '../../model/histogram.ts';
import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Appender, Querier, SelectHints, Series } from '../../storage/interface.ts';
import { matchLabels } from '../../storage/match-labels.ts';
import { SeriesBuilder } from '../../storage/series-builder.ts';

/**
 * What the rules of one run gave so far: read by the rules after them, and committed together at the end. One commit
 * writes far fewer items than one for each rule.
 */
export class PendingSamples {
  readonly #byName = new Map<string, Map<string, { readonly labels: Labels; readonly columns: SeriesBuilder }>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `timestamp` in ms; the value may be the stale marker. */
  add(labels: Labels, timestamp: number, value: number): void {
    this.#columnsOf(labels).push({ timestamp, value });
  }

  addHistogram(labels: Labels, histogram: Histogram): void {
    this.#columnsOf(labels).pushHistogram(histogram);
  }

  #columnsOf(labels: Labels): SeriesBuilder {
    this.#count++;
    let named = this.#byName.get(labels.metricName);
    if (named === undefined) {
      named = new Map();
      this.#byName.set(labels.metricName, named);
    }
    let series = named.get(labels.key);
    if (series === undefined) {
      series = { labels, columns: new SeriesBuilder() };
      named.set(labels.key, series);
    }
    return series.columns;
  }

  /** `appenderOf` tells where the series of a metric go. */
  appendTo(appenderOf: (metric: string) => Appender): void {
    for (const [metric, named] of this.#byName) {
      const appender = appenderOf(metric);
      for (const { labels, columns } of named.values()) {
        const { floats, histograms } = columns.build();
        for (const histogram of histograms?.histograms ?? []) appender.appendHistogram(labels, histogram);
        const { timestamps, values } = floats;
        for (let i = 0; i < timestamps.length; i++) {
          appender.append(labels, { timestamp: timestamps[i] as number, value: values[i] as number });
        }
      }
    }
  }

  /** `store` as it will be after the commit. Only `select` knows of what is pending, which is all that rules ask. */
  over(store: Querier): Querier {
    return {
      select: async (hints, ...matchers) =>
        merge(await store.select(hints, ...matchers), this.#select(hints, matchers)),
      series: (hints, ...matchers) => store.series(hints, ...matchers),
      labelNames: (hints, ...matchers) => store.labelNames(hints, ...matchers),
      labelValues: (name, hints, ...matchers) => store.labelValues(name, hints, ...matchers),
      metadata: (metric) => store.metadata(metric),
    };
  }

  #select({ mint, maxt }: SelectHints, matchers: readonly Matcher[]): Series[] {
    const ofName = matchers.filter(({ name }) => name === '__name__');
    const found: Series[] = [];
    for (const [name, named] of this.#byName) {
      if (!ofName.every((matcher) => matcher.matches(name))) continue;
      for (const { labels, columns } of named.values()) {
        if (matchLabels(labels, matchers) && columns.has(mint, maxt)) {
          found.push({ labels, ...columns.build(mint, maxt) });
        }
      }
    }
    return found;
  }
}

function merge(stored: readonly Series[], pending: readonly Series[]): readonly Series[] {
  if (pending.length === 0) return stored;
  const byKey = new Map(stored.map((series) => [series.labels.key, series]));
  for (const series of pending) {
    const known = byKey.get(series.labels.key);
    byKey.set(series.labels.key, known === undefined ? series : mergeColumns(known, series));
  }
  return [...byKey.values()].sort((a, b) => compareLabels(a.labels, b.labels));
}

function mergeColumns(a: Series, b: Series): Series {
  const merged = new SeriesBuilder();
  for (const series of [a, b]) merged.pushSeries(series);
  return { labels: a.labels, ...merged.build() };
}
