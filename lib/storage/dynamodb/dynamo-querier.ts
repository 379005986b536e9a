import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { mayBeAlerts } from '../alert-series.ts';
import { type Querier, RETENTION_CLASSES, type RetentionClass, type SelectHints, type Series } from '../interface.ts';
import { labelNamesOf, labelValuesOf } from '../label-values.ts';
import { DAY_MS, retainedRange, type TimeRange } from '../retention-window.ts';
import { countOf } from '../series-builder.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { EPOCH_MS, readEpochs } from './epochs.ts';
import { alignDown, alignedStarts, daysKey, labelsKey, samplesKey, timeDigits } from './keys.ts';
import { readChunks } from './read-chunks.ts';
import { readItems } from './read-items.ts';
import { type LogRead, readLog } from './read-log.ts';
import type { CatalogSeries } from './series-catalog.ts';
import type { ReaderParts } from './store-parts.ts';
import { WantedSeries } from './wanted-series.ts';

/** Logs of one class read at once. */
const MAX_PARALLEL_READS = 8;

/** A range of more days than this is worth a look into the list of days first. */
const UNLISTED_DAYS = 2;

/** The part of one day that is wanted of one class; `pk` is that of its labels. */
interface DayRead extends TimeRange {
  readonly pk: string;
  readonly retentionClass: RetentionClass;
}

/** Reads one tenant: first which series match, from labels blocks alone; then logs and chunks of the time asked for. */
export class DynamoQuerier implements Querier {
  readonly #parts: ReaderParts;
  readonly #tenant: string;

  constructor(parts: ReaderParts, tenant: string) {
    this.#parts = parts;
    this.#tenant = tenant;
  }

  /**
   * Logs are read before manifests, and manifests before chunks: what a compaction takes out of a log meanwhile stands in
   * a manifest that is read later. What is read twice is settled as every repeated sample is.
   */
  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    const { series, days } = await this.#find(hints, matchers);
    const wanted = new WantedSeries(series);
    await Promise.all(RETENTION_CLASSES.map((of) => this.#readClass(of, days, wanted, hints.signal)));
    const selected = wanted.builders.flatMap((builder, i) => {
      const columns = builder.build();
      return countOf(columns) === 0 ? [] : [{ labels: (wanted.series[i] as CatalogSeries).labels, ...columns }];
    });
    return limited(
      selected.sort((a, b) => compareLabels(a.labels, b.labels)),
      hints.limit,
    );
  }

  async series(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    const labels = await this.#labels(hints, matchers);
    return limited(labels.sort(compareLabels), hints.limit);
  }

  async labelNames(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return labelNamesOf(await this.#labels(hints, matchers), hints.limit);
  }

  async labelValues(name: string, hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return labelValuesOf(name, await this.#labels(hints, matchers), hints.limit);
  }

  async metadata(metric?: string): Promise<readonly MetricMetadata[]> {
    const all = await this.#parts.metadata.read(this.#tenant);
    return metric === undefined ? all : all.filter((one) => one.metricFamilyName === metric);
  }

  async #labels(hints: SelectHints, matchers: readonly Matcher[]): Promise<Labels[]> {
    const { series } = await this.#find(hints, matchers);
    return series.map(({ labels }) => labels);
  }

  /** The series that match, and the days that have any of them. */
  async #find(
    hints: SelectHints,
    matchers: readonly Matcher[],
  ): Promise<{ readonly series: readonly CatalogSeries[]; readonly days: readonly DayRead[] }> {
    hints.signal?.throwIfAborted();
    const classes = RETENTION_CLASSES.filter((of) => of !== 'alerts' || mayBeAlerts(matchers));
    const days = (await Promise.all(classes.map((retentionClass) => this.#days(retentionClass, hints)))).flat();
    const keys = days.map(({ pk }) => pk);
    const { series, partitions } = await this.#parts.catalog.find(keys, matchers, hints.signal);
    return { series, days: days.filter(({ pk }) => partitions.has(pk)) };
  }

  /** The days of a range that may have samples of a class. A long range is first cut to the days that are listed. */
  async #days(retentionClass: RetentionClass, { signal, ...range }: SelectHints): Promise<DayRead[]> {
    const retained = retainedRange(range, this.#parts.retention, retentionClass, this.#parts.now());
    if (retained === undefined) return [];
    const all = alignedStarts(retained, DAY_MS);
    const listed = all.length > UNLISTED_DAYS ? await this.#listedDays(retentionClass, all, signal) : undefined;
    return all
      .filter((day) => listed?.has(day) ?? true)
      .map((day) => ({
        pk: labelsKey(this.#tenant, retentionClass, day),
        retentionClass,
        mint: Math.max(retained.mint, day),
        maxt: Math.min(retained.maxt, day + DAY_MS - 1),
      }));
  }

  async #listedDays(
    retentionClass: RetentionClass,
    days: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<Set<number>> {
    const listed = new Set<number>();
    const from = timeDigits(Math.min(...days));
    const query = { pk: daysKey(this.#tenant, retentionClass), from, now: this.#parts.now(), signal };
    for await (const items of readItems(this.#parts.table, query)) for (const { sk } of items) listed.add(Number(sk));
    return listed;
  }

  async #readClass(
    retentionClass: RetentionClass,
    all: readonly DayRead[],
    wanted: WantedSeries,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const days = all.filter((day) => day.retentionClass === retentionClass);
    if (days.length === 0) return;
    const range = { mint: Math.min(...days.map(({ mint }) => mint)), maxt: Math.max(...days.map(({ maxt }) => maxt)) };
    const logs = await this.#logReads(retentionClass, range, signal);
    const { table, now } = this.#parts;
    await boundedParallel(logs, MAX_PARALLEL_READS, (read) => readLog(table, read, wanted, { now: now(), signal }));
    const starts = days.map(({ mint }) => alignDown(mint, DAY_MS));
    await readChunks(this.#parts, { tenant: this.#tenant, retentionClass, days: starts, ...range }, wanted, signal);
  }

  /** The logs that compaction has not consumed yet and that may have samples of the range. */
  async #logReads(
    retentionClass: RetentionClass,
    range: TimeRange,
    signal: AbortSignal | undefined,
  ): Promise<readonly LogRead[]> {
    const { table, shards, now } = this.#parts;
    const query = { from: alignDown(range.mint, EPOCH_MS), now: now(), signal };
    const { epochs, progress } = await readEpochs(table, this.#tenant, retentionClass, query);
    return epochs
      .filter((epoch) => epoch >= progress.epoch)
      .flatMap((epoch) =>
        Array.from({ length: shards }, (_, shard) => {
          return { pk: samplesKey(this.#tenant, retentionClass, shard, epoch), ...range };
        }),
      );
  }
}

function limited<T>(sorted: T[], limit = 0): T[] {
  return limit > 0 ? sorted.slice(0, limit) : sorted;
}
