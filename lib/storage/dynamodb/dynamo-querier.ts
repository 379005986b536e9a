import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { mayBeAlerts } from '../alert-series.ts';
import { isIn, joinWindows } from '../downsampling/join-windows.ts';
import { StorageUnavailableError } from '../errors.ts';
import {
  type Downsampling,
  type Querier,
  RETENTION_CLASSES,
  type RetentionClass,
  type SelectHints,
  type Series,
  type WindowValue,
} from '../interface.ts';
import { labelNamesOf, labelValuesOf } from '../label-values.ts';
import { DAY_MS, retainedRange, type TimeRange } from '../retention-window.ts';
import { countOf, type SeriesBuilder } from '../series-builder.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { keptWindows, planWindows, spansOf, type WindowPlan, windowLabelsKeys } from './downsampling/plan-windows.ts';
import { WantedWindows } from './downsampling/wanted-windows.ts';
import { spanOf, windowLabelsKey } from './downsampling/window-keys.ts';
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

/** Downsampling again replaces windows, and deletes them an hour later; who is slower than that starts again, so often. */
const MAX_ATTEMPTS = 4;

/** A range of more days than this is worth a look into the list of days first. */
const UNLISTED_DAYS = 2;

/** The part of one day that is wanted of one class; `pk` is that of its labels. */
interface DayRead extends TimeRange {
  readonly pk: string;
  readonly retentionClass: RetentionClass;
}

/** Reads one tenant: first which series match, from labels blocks alone; then logs and chunks of the time asked for. */
export class DynamoQuerier implements Querier {
  readonly downsampling?: Downsampling;
  readonly #parts: ReaderParts;
  readonly #tenant: string;

  constructor(parts: ReaderParts, tenant: string) {
    this.#parts = parts;
    this.#tenant = tenant;
    const { retention, now } = parts;
    const [finest] = keptWindows(retention.derived, now());
    if (finest !== undefined) {
      this.downsampling = { finest: finest.width, fullFrom: now() - retention.derived.days * DAY_MS };
    }
  }

  /**
   * Logs are read before manifests, and manifests before chunks: what a compaction takes out of a log meanwhile stands in
   * a manifest that is read later. What is read twice is settled as every repeated sample is.
   */
  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    const { windows } = hints;
    if (windows === undefined) return this.#selectSamples(hints, matchers);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const plan = await planWindows(this.#parts, this.#tenant, hints);
      if (plan === undefined) return this.#selectSamples(hints, matchers);
      const selected = await this.#selectWindows(plan, windows.value, hints, matchers);
      if (selected !== undefined) return selected;
    }
    throw new StorageUnavailableError(
      `cannot read windows of table ${this.#parts.table.tableName}: replaced ${MAX_ATTEMPTS} times while they were read`,
    );
  }

  async #selectSamples(hints: SelectHints, matchers: readonly Matcher[]): Promise<readonly Series[]> {
    const { series, days } = await this.#find(hints, matchers);
    const wanted = new WantedSeries(series, hints.onSamples);
    await Promise.all(RETENTION_CLASSES.map((of) => this.#readClass(of, days, wanted, hints.signal)));
    return selectedOf(wanted, hints.limit, (builder) => builder.build());
  }

  /** Windows of the days that the plan names, samples of all other time; undefined where windows were replaced meanwhile. */
  async #selectWindows(
    { days: windowDays, segments, range }: WindowPlan,
    value: WindowValue,
    { signal, limit, onSamples }: SelectHints,
    matchers: readonly Matcher[],
  ): Promise<readonly Series[] | undefined> {
    const hints = { ...range, ...(signal && { signal }) };
    const isSummed = (time: number) => isIn(segments, time);
    const spans = spansOf(windowDays).map((span) => windowLabelsKey(this.#tenant, span));
    const { series, days, partitions } = await this.#find(hints, matchers, spans, isSummed);
    const wanted = new WantedSeries(series, onSamples);
    const windows = new WantedWindows(value, series);
    const having = windowDays.filter(({ manifest }) =>
      partitions.has(windowLabelsKey(this.#tenant, spanOf(manifest.unit))),
    );
    const [isWhole] = await Promise.all([
      windows.read(this.#parts, this.#tenant, having, signal),
      ...RETENTION_CLASSES.map((of) => this.#readClass(of, days, wanted, signal)),
    ]);
    if (!isWhole) return undefined;
    return selectedOf(wanted, limit, (builder, i) => {
      const summed = windows.of(i);
      return summed === undefined ? builder.build() : joinWindows(summed, builder.build(), segments, range);
    });
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
    const { series } = await this.#find(hints, matchers, windowLabelsKeys(this.#parts, this.#tenant, hints));
    return series.map(({ labels }) => labels);
  }

  /**
   * The series that match, and the days that have any of them. Further labels partitions are looked into for `more`; days of
   * derived series are left out as far as they are summed up.
   */
  async #find(
    hints: SelectHints,
    matchers: readonly Matcher[],
    more: readonly string[] = [],
    isSummed: (time: number) => boolean = () => false,
  ): Promise<{
    readonly series: readonly CatalogSeries[];
    readonly days: readonly DayRead[];
    readonly partitions: ReadonlySet<string>;
  }> {
    hints.signal?.throwIfAborted();
    const classes = RETENTION_CLASSES.filter((of) => of !== 'alerts' || mayBeAlerts(matchers));
    const all = (await Promise.all(classes.map((retentionClass) => this.#days(retentionClass, hints)))).flat();
    const days = all.flatMap((day) => (day.retentionClass === 'derived' ? withoutSummed(day, isSummed) : day));
    const keys = [...days.map(({ pk }) => pk), ...more];
    const { series, partitions } = await this.#parts.catalog.find(keys, matchers, hints.signal);
    return { series, days: days.filter(({ pk }) => partitions.has(pk)), partitions };
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

/** The series that have anything, sorted by labels. */
function selectedOf(
  { builders, series }: WantedSeries,
  limit: number | undefined,
  columnsOf: (builder: SeriesBuilder, place: number) => Omit<Series, 'labels'>,
): readonly Series[] {
  const selected = builders.flatMap((builder, i): Series[] => {
    const columns = columnsOf(builder, i);
    return countOf(columns) === 0 ? [] : [{ labels: (series[i] as CatalogSeries).labels, ...columns }];
  });
  return limited(
    selected.sort((a, b) => compareLabels(a.labels, b.labels)),
    limit,
  );
}

/** What is left of a day: midnight belongs to the windows of the day before, and all that follows to its own. */
function withoutSummed(day: DayRead, isSummed: (time: number) => boolean): DayRead[] {
  const midnight = alignDown(day.mint, DAY_MS);
  const mint = isSummed(midnight) ? Math.max(day.mint, midnight + 1) : day.mint;
  const maxt = isSummed(midnight + 1) ? Math.min(day.maxt, midnight) : day.maxt;
  return mint <= maxt ? [{ ...day, mint, maxt }] : [];
}

function limited<T>(sorted: T[], limit = 0): T[] {
  return limit > 0 ? sorted.slice(0, limit) : sorted;
}
