import type { Histogram, ResetHint } from '../../../lib/model/histogram.ts';
import { compareLabels, type Labels } from '../../../lib/model/labels.ts';
import type { Matcher } from '../../../lib/model/matcher.ts';
import type { MetricMetadata } from '../../../lib/model/metadata.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import type { Querier, SelectHints, Series } from '../../../lib/storage/interface.ts';
import { convertClassicHistograms } from './classic-buckets.ts';
import { storedResetHints } from './reset-hints.ts';
import type { LoadCommand, SequenceValue } from './script.ts';
import { ScriptError } from './script-error.ts';

interface StoredSample {
  readonly timestamp: number;
  readonly value: number | FloatHistogram;
  readonly startTimestamp: number;
}

interface StoredSeries {
  readonly labels: Labels;
  /** By timestamp. */
  readonly samples: Map<number, StoredSample>;
  columns: Series | undefined;
}

/** What a script has loaded, in columns that are built at the first read. Serves reads as Prometheus's storage would. */
export class ScriptStorage implements Querier {
  readonly #series = new Map<string, StoredSeries>();
  #sorted: readonly StoredSeries[] | undefined;

  get holdsHistograms(): boolean {
    return [...this.#series.values()].some((series) =>
      [...series.samples.values()].some((sample) => typeof sample.value !== 'number'),
    );
  }

  clear(): void {
    this.#series.clear();
    this.#sorted = undefined;
  }

  /** @throws ScriptError naming the line, when two values meet at one time or a start time has no sample. */
  load(file: string, command: LoadCommand): void {
    const startTimes = startTimesByKey(file, command);
    for (const { line, labels, values } of command.series) {
      const offsets = startTimes.get(labels.key) ?? [];
      startTimes.delete(labels.key);
      this.#refuse(file, line, () => {
        values.forEach((value, i) => {
          const timestamp = i * command.step;
          const offset = offsets[i];
          if (value.kind !== 'omitted') this.#put(labels, sample(timestamp, value, offset));
        });
      });
    }
    const orphan = command.startTimes.find((line) => startTimes.has(line.labels.key));
    if (orphan !== undefined)
      throw new ScriptError(file, orphan.line, `start times for ${orphan.labels}, which has no values`);
    if (command.withNhcb) this.#refuse(file, command.line, () => this.#loadConverted(command));
  }

  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    return this.#matching(matchers)
      .map((series) => slice(columnsOf(series), hints.mint, hints.maxt))
      .filter((series) => series.floats.timestamps.length > 0 || series.histograms !== undefined);
  }

  async series(_hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    return this.#matching(matchers).map((series) => series.labels);
  }

  async labelNames(_hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return [
      ...new Set(this.#matching(matchers).flatMap(({ labels }) => [...labels].map((label) => label.name))),
    ].sort();
  }

  async labelValues(name: string, _hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    const values = this.#matching(matchers).map(({ labels }) => labels.get(name));
    return [...new Set(values.filter((value) => value !== ''))].sort();
  }

  async metadata(): Promise<readonly MetricMetadata[]> {
    return [];
  }

  #matching(matchers: readonly Matcher[]): readonly StoredSeries[] {
    this.#sorted ??= [...this.#series.values()].sort((a, b) => compareLabels(a.labels, b.labels));
    return this.#sorted.filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels.get(matcher.name))));
  }

  #put(labels: Labels, stored: StoredSample): void {
    const series = this.#series.get(labels.key) ?? { labels, samples: new Map(), columns: undefined };
    if (series.samples.has(stored.timestamp))
      throw new Error(`${labels} has a value at ${stored.timestamp} ms already`);
    series.samples.set(stored.timestamp, stored);
    series.columns = undefined;
    this.#series.set(labels.key, series);
    this.#sorted = undefined;
  }

  #loadConverted(command: LoadCommand): void {
    const samples = command.series.flatMap(({ labels, values }) =>
      values.flatMap((value, i) =>
        value.kind === 'float' ? [{ labels, timestamp: i * command.step, value: value.value }] : [],
      ),
    );
    for (const { labels, timestamp, histogram } of convertClassicHistograms(samples)) {
      this.#put(labels, { timestamp, value: histogram, startTimestamp: 0 });
    }
  }

  #refuse(file: string, line: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw new ScriptError(file, line, (error as Error).message);
    }
  }
}

function startTimesByKey(file: string, command: LoadCommand): Map<string, readonly (number | undefined)[]> {
  const byKey = new Map<string, readonly (number | undefined)[]>();
  for (const { line, labels, offsets } of command.startTimes) {
    if (byKey.has(labels.key)) throw new ScriptError(file, line, `start times for ${labels} are given twice`);
    byKey.set(labels.key, offsets);
  }
  return byKey;
}

function sample(timestamp: number, value: SequenceValue, offset: number | undefined): StoredSample {
  if (value.kind === 'omitted') throw new Error('BUG: an omitted value has no sample');
  const startTimestamp = offset === undefined ? 0 : timestamp + offset;
  return { timestamp, value: value.kind === 'float' ? value.value : value.histogram, startTimestamp };
}

function columnsOf(series: StoredSeries): Series {
  series.columns ??= buildColumns(series);
  return series.columns;
}

function buildColumns({ labels, samples }: StoredSeries): Series {
  const sorted = [...samples.values()].sort((a, b) => a.timestamp - b.timestamp);
  const hints = storedResetHints(sorted.map(({ value }) => (typeof value === 'number' ? undefined : value)));
  const floats = sorted.filter((stored) => typeof stored.value === 'number');
  const histograms = sorted.flatMap((stored, i) =>
    typeof stored.value === 'number' ? [] : [wireHistogram(stored, stored.value, hints[i] ?? 'unknown')],
  );
  return {
    labels,
    floats: {
      timestamps: Float64Array.from(floats, (stored) => stored.timestamp),
      values: Float64Array.from(floats, (stored) => stored.value as number),
      ...(floats.some((stored) => stored.startTimestamp !== 0)
        ? { startTimestamps: Float64Array.from(floats, (stored) => stored.startTimestamp) }
        : {}),
    },
    ...(histograms.length > 0
      ? { histograms: { timestamps: Float64Array.from(histograms, (histogram) => histogram.timestamp), histograms } }
      : {}),
  };
}

function wireHistogram(stored: StoredSample, histogram: FloatHistogram, resetHint: ResetHint): Histogram {
  const { schema, count, sum, zeroThreshold, zeroCount, positiveSpans, negativeSpans, customValues } = histogram;
  return {
    timestamp: stored.timestamp,
    ...(stored.startTimestamp === 0 ? {} : { startTimestamp: stored.startTimestamp }),
    isFloat: true,
    schema,
    count,
    sum,
    zeroThreshold,
    zeroCount,
    resetHint,
    positiveSpans,
    positiveDeltas: [],
    positiveCounts: [...histogram.positiveBuckets],
    negativeSpans,
    negativeDeltas: [],
    negativeCounts: [...histogram.negativeBuckets],
    customValues,
  };
}

/** The part of a series within [mint, maxt]. */
function slice(series: Series, mint: number, maxt: number): Series {
  const [from, to] = bounds(series.floats.timestamps, mint, maxt);
  const { timestamps, values, startTimestamps } = series.floats;
  const floats = {
    timestamps: timestamps.subarray(from, to),
    values: values.subarray(from, to),
    ...(startTimestamps === undefined ? {} : { startTimestamps: startTimestamps.subarray(from, to) }),
  };
  if (series.histograms === undefined) return { labels: series.labels, floats };
  const [first, last] = bounds(series.histograms.timestamps, mint, maxt);
  if (first === last) return { labels: series.labels, floats };
  const histograms = {
    timestamps: series.histograms.timestamps.subarray(first, last),
    histograms: series.histograms.histograms.slice(first, last),
  };
  return { labels: series.labels, floats, histograms };
}

function bounds(timestamps: Float64Array, mint: number, maxt: number): [number, number] {
  const from = timestamps.findIndex((timestamp) => timestamp >= mint);
  if (from < 0) return [0, 0];
  const after = timestamps.findIndex((timestamp) => timestamp > maxt);
  return [from, Math.max(from, after < 0 ? timestamps.length : after)];
}
