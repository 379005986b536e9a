import type { Histogram, ResetHint } from '../../../lib/model/histogram.ts';
import type { Labels } from '../../../lib/model/labels.ts';
import type { Matcher } from '../../../lib/model/matcher.ts';
import type { MetricMetadata } from '../../../lib/model/metadata.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import { storedResetHints } from '../../../lib/promql/notation/stored-reset-hints.ts';
import type { HistogramColumn, Querier, SelectHints, Series } from '../../../lib/storage/interface.ts';
import { ColumnQuerier } from '../column-querier.ts';
import { convertClassicHistograms } from './classic-buckets.ts';
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
}

/** What a script has loaded, in columns that are built at the first read. Serves reads as Prometheus's storage would. */
export class ScriptStorage implements Querier {
  readonly #series = new Map<string, StoredSeries>();
  #columns: ColumnQuerier | undefined;
  #generation = 0;

  /** Another number whenever the content may be another. */
  get generation(): number {
    return this.#generation;
  }

  get holdsHistograms(): boolean {
    return [...this.#series.values()].some((series) =>
      [...series.samples.values()].some((sample) => typeof sample.value !== 'number'),
    );
  }

  clear(): void {
    this.#series.clear();
    this.#changed();
  }

  /**
   * Adds what a command loads. Of a series that stands twice in one load, the later line counts.
   *
   * @throws ScriptError naming the line, when two loads meet at one time or a start time has no sample.
   */
  load(file: string, command: LoadCommand): void {
    const startTimes = startTimesByKey(file, command);
    for (const { line, labels, values } of new Map(command.series.map((one) => [one.labels.key, one])).values()) {
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

  /** All series as they stand, their times counted from `start` (ms) instead of 0. */
  columns(start = 0): Series[] {
    return [...this.#series.values()].map((series) => moved(columnsOf(series), start));
  }

  select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    return this.#reader.select(hints, ...matchers);
  }

  series(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    return this.#reader.series(hints, ...matchers);
  }

  labelNames(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return this.#reader.labelNames(hints, ...matchers);
  }

  labelValues(name: string, hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return this.#reader.labelValues(name, hints, ...matchers);
  }

  metadata(): Promise<readonly MetricMetadata[]> {
    return this.#reader.metadata();
  }

  get #reader(): ColumnQuerier {
    this.#columns ??= new ColumnQuerier(this.columns());
    return this.#columns;
  }

  #put(labels: Labels, stored: StoredSample): void {
    const series = this.#series.get(labels.key) ?? { labels, samples: new Map() };
    if (series.samples.has(stored.timestamp))
      throw new Error(`${labels} has a value at ${stored.timestamp} ms already`);
    series.samples.set(stored.timestamp, stored);
    this.#series.set(labels.key, series);
    this.#changed();
  }

  #changed(): void {
    this.#columns = undefined;
    this.#generation++;
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

function moved(series: Series, by: number): Series {
  if (by === 0) return series;
  const { labels, floats, histograms } = series;
  return {
    labels,
    floats: { ...floats, timestamps: floats.timestamps.map((time) => time + by) },
    ...(histograms === undefined ? {} : { histograms: movedHistograms(histograms, by) }),
  };
}

function movedHistograms({ timestamps, histograms }: HistogramColumn, by: number): HistogramColumn {
  return {
    timestamps: timestamps.map((time) => time + by),
    histograms: histograms.map((histogram) => ({ ...histogram, timestamp: histogram.timestamp + by })),
  };
}

function columnsOf({ labels, samples }: StoredSeries): Series {
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
