import type { CompactionStep } from '../../compactor.ts';
import { downsampleFloats } from '../../downsampling/downsample-floats.ts';
import { downsampleHistograms } from '../../downsampling/downsample-histograms.ts';
import { widthOf } from '../../downsampling/width.ts';
import type { Resolution } from '../../interface.ts';
import { DAY_MS } from '../../retention-window.ts';
import type { ChunkSeries } from '../build-chunks.ts';
import { type CompactorParts, toStep } from '../compactor-parts.ts';
import { decodeItem } from '../decode-item.ts';
import { GatheredSeries } from '../gathered-series.ts';
import { getItems } from '../get-items.ts';
import { BUCKET_MS, chunkKey, expiry } from '../keys.ts';
import { type Manifest, readManifest, readManifests, seriesOrder } from '../manifest.ts';
import { replaceItem } from '../replace-item.ts';
import { CHUNK_SORT_KEY, type TableItem } from '../table.ts';
import { writeItems } from '../write-items.ts';
import { buildWindowGroups } from './build-window-groups.ts';
import { CLOCKS_DIFFER_MS, resolutionsOf, unfinishedItem, windowLeftoverItem } from './downsampling-state.ts';
import { nextSlice, type SourceChunk, type SourceSlice } from './source-slice.ts';
import type { StoredUnfinishedDay } from './unfinished-day.ts';
import { windowsKey } from './window-keys.ts';
import { WindowLabels } from './window-labels.ts';
import {
  columnNames,
  readWindowManifest,
  type WindowGroup,
  type WindowManifest,
  windowManifestItem,
} from './window-manifest.ts';

/** Windows take more room beside their samples than chunks do: pieces of work are so many times smaller than compaction's. */
const SLICES_A_PIECE = 4;

/** What one slice of a day did. `done`: the windows of the day have taken effect. */
export interface DayStep {
  readonly kind: 'slice' | 'done' | 'overtaken';
  readonly step: CompactionStep;
}

/** One width of windows while it is made. */
interface Making {
  readonly resolution: Resolution;
  readonly served: WindowManifest;
  readonly groups: WindowGroup[];
}

/** What a day is made of and from where on. */
interface Beginning {
  readonly makings: readonly Making[];
  /** Manifests of buckets, with the chunks that are needed alone. */
  readonly sources: readonly Manifest[];
  readonly begunWith: string;
  readonly through: string;
  /** Version of the item that tells of an unfinished day; undefined: there is none. */
  readonly version: number | undefined;
}

/**
 * Makes the windows of one day from the chunks that its buckets have at the beginning, a slice of its series at a time. Nothing
 * of it can be seen before the manifests are replaced at the end, and they only are on condition that nobody did it meanwhile.
 * After each slice it is noted how far it has come, so that the next invocation can go on.
 */
export class DownsampledDay {
  readonly #parts: CompactorParts;
  readonly #unit: number;
  readonly #makings: readonly Making[];
  readonly #sources: readonly SourceChunk[];
  readonly #samplesUntil: number | undefined;
  readonly #labels: WindowLabels;
  readonly #run: string;
  readonly #begunWith: string;
  #through: string;
  #version: number | undefined;
  #slices = 0;

  private constructor(
    parts: CompactorParts,
    unit: number,
    { makings, sources, begunWith, through, version }: Beginning,
  ) {
    this.#parts = parts;
    this.#unit = unit;
    this.#makings = makings;
    this.#sources = sources.flatMap(({ bucket, chunks }) => chunks.map((ref) => ({ bucket, ref })));
    this.#samplesUntil = sources.length === 0 ? undefined : Math.min(...sources.map(beginsToExpire));
    this.#labels = new WindowLabels(parts, unit);
    this.#run = parts.newRun();
    this.#begunWith = begunWith;
    this.#through = through;
    this.#version = version;
  }

  /** Versions of what is replaced are read before what it is made of: who has newer samples is never overwritten. */
  static async begin(
    parts: CompactorParts,
    unit: number,
    unfinished: StoredUnfinishedDay | undefined,
  ): Promise<DownsampledDay> {
    const { table, tenant, retentionClass, now } = parts;
    const served = new Map<Resolution, WindowManifest>();
    for (const resolution of resolutionsOf(parts)) {
      served.set(resolution, await readWindowManifest(table, tenant, resolution, unit, now()));
    }
    const lastBucket = unit + DAY_MS - BUCKET_MS;
    const ofDay = await readManifests(table, tenant, retentionClass, { mint: unit, maxt: lastBucket }, { now: now() });
    const nextDay = await readManifest(table, tenant, retentionClass, unit + DAY_MS, now());
    const sources = [...ofDay, nextDay].map((one) => ofUnit(one, unit)).filter(({ chunks }) => chunks.length > 0);
    const begunWith = tellManifests(parts, served, sources);
    const begun = unfinished?.unit === unit && unfinished.begunWith === begunWith ? unfinished : undefined;
    const makings = [...served].map(([resolution, manifest]): Making => {
      return { resolution, served: manifest, groups: [...(begun?.groups[resolution] ?? [])] };
    });
    const through = begun?.through ?? '';
    return new DownsampledDay(parts, unit, { makings, sources, begunWith, through, version: unfinished?.version });
  }

  /**
   * Whether samples that windows of the day were made of are still all there; they may have been written when the class was
   * kept for less. Where they are not, none of its widths can be made as good again.
   */
  get isWhole(): boolean {
    const now = this.#parts.now() + CLOCKS_DIFFER_MS;
    return this.#makings.every(({ served }) => now <= (served.samplesUntil ?? Number.POSITIVE_INFINITY));
  }

  /** @throws CorruptBlockError, StorageUnavailableError; the day then goes on from what was noted last. */
  async step(): Promise<DayStep> {
    const slice = nextSlice(this.#sources, this.#through, this.#parts.sliceSamples / SLICES_A_PIECE);
    const series = await this.#readSeries(slice);
    if (series === undefined) return { kind: 'overtaken', step: toStep('overtaken') };
    this.#through = slice.through;
    const items = await this.#writeWindows(series);
    const read = slice.chunks.reduce((sum, { ref }) => sum + ref.samples, 0);
    if (!slice.isLast) {
      if (!(await this.#note(items))) return { kind: 'overtaken', step: toStep('overtaken', read, 0, items) };
      return { kind: 'slice', step: toStep('downsampled', read, 0, items) };
    }
    const published = await this.#publish();
    items.push(...published.items);
    const kind = published.isAll ? 'downsampled' : 'overtaken';
    return { kind: published.isAll ? 'done' : 'overtaken', step: toStep(kind, read, 0, items) };
  }

  /** undefined: a chunk is not there any more, so a compaction has replaced it. */
  async #readSeries({ chunks, after, through }: SourceSlice): Promise<ChunkSeries[] | undefined> {
    const { table, tenant, retentionClass } = this.#parts;
    const keys = chunks.map(({ bucket, ref }) => {
      return { pk: chunkKey(tenant, retentionClass, bucket, ref.name), sk: CHUNK_SORT_KEY };
    });
    const found = await getItems(table, keys);
    if (found.size < keys.length) return undefined;
    const gathered = new GatheredSeries();
    for (const [pk, item] of found) decodeItem(pk, item, (payload) => gathered.addChunk(payload));
    return gathered.build(Number.NEGATIVE_INFINITY, noBlock).filter(({ metric, identity }) => {
      const order = seriesOrder(metric, identity.id);
      return order > after && order <= through;
    });
  }

  /** Chunks of the windows of some series, and their labels; first what is to be cleared away if this is all that comes. */
  async #writeWindows(series: readonly ChunkSeries[]): Promise<TableItem[]> {
    const { table, tenant } = this.#parts;
    const chunks: TableItem[] = [];
    const leftovers: TableItem[] = [];
    const kept = new Set<ChunkSeries>();
    for (const { resolution, groups } of this.#makings) {
      const written = this.#windowGroups(series, resolution, kept).map(({ columns, ...range }, i) => {
        const name = `${this.#run}/${this.#slices}-${i}`;
        for (const [column, payload] of columns) {
          const pk = windowsKey(tenant, resolution, this.#unit, `${name}/${column}`);
          chunks.push({ pk, sk: CHUNK_SORT_KEY, payload, ttlSeconds: this.#expiry(resolution) });
        }
        return { name, ...range, columns: [...columns.keys()] };
      });
      groups.push(...written);
      leftovers.push(this.#leftover(resolution, { written: written.flatMap(columnNames), replaced: [] }));
    }
    this.#slices++;
    if (chunks.length === 0) return [];
    await writeItems(table, leftovers);
    const labels = await this.#labels.keep(
      [...kept],
      Math.max(...this.#makings.map((one) => this.#days(one.resolution))),
    );
    await writeItems(table, chunks);
    return [...leftovers, ...labels, ...chunks];
  }

  #windowGroups(series: readonly ChunkSeries[], resolution: Resolution, kept: Set<ChunkSeries>) {
    const width = widthOf(resolution);
    const range = { mint: this.#unit + 1, maxt: this.#unit + DAY_MS };
    return buildWindowGroups(
      series.flatMap((one) => {
        const { identity, metric, columns } = one;
        const floats = downsampleFloats(columns.floats, width, range);
        const histograms = downsampleHistograms(columns.histograms?.histograms ?? [], width, range);
        if (floats.lasts === undefined && histograms.length === 0) return [];
        kept.add(one);
        return [{ identity, metric, floats, histograms }];
      }),
    );
  }

  /** Notes how far it has come. false: another process noted something first, and what this one wrote is cleared away later. */
  async #note(items: TableItem[]): Promise<boolean> {
    const groups = Object.fromEntries(this.#makings.map((one) => [one.resolution, one.groups]));
    const day = { unit: this.#unit, begunWith: this.#begunWith, through: this.#through, groups };
    const item = unfinishedItem(this.#parts, day);
    if (!(await replaceItem(this.#parts.table, item, this.#version))) return false;
    this.#version = (this.#version ?? 0) + 1;
    items.push(item);
    return true;
  }

  /** Replaces the manifests, one width after the other: each is whole for itself. */
  async #publish(): Promise<{ readonly isAll: boolean; readonly items: readonly TableItem[] }> {
    const { table, tenant } = this.#parts;
    const items: TableItem[] = [];
    for (const { resolution, served, groups } of this.#makings) {
      const leftover = this.#leftover(resolution, { written: [], replaced: served.groups.flatMap(columnNames) });
      if (served.groups.length > 0) await writeItems(table, [leftover]);
      const ttlSeconds = this.#expiry(resolution);
      const [unit, run, samplesUntil] = [this.#unit, this.#run, this.#samplesUntil];
      const manifest = { unit, run, groups, isMade: true, samplesUntil, ttlSeconds };
      const item = windowManifestItem(tenant, resolution, manifest);
      if (!(await this.#replaceManifest(resolution, item, served))) return { isAll: false, items };
      items.push(...(served.groups.length > 0 ? [leftover] : []), item);
    }
    return { isAll: true, items };
  }

  /** A request whose answer was lost is sent again and then finds its own work: reading the manifest tells. */
  async #replaceManifest(
    resolution: Resolution,
    item: Omit<TableItem, 'version'>,
    { version }: WindowManifest,
  ): Promise<boolean> {
    const { table, tenant, now } = this.#parts;
    if (await replaceItem(table, item, version)) return true;
    return (await readWindowManifest(table, tenant, resolution, this.#unit, now())).run === this.#run;
  }

  #leftover(resolution: Resolution, names: { written: readonly string[]; replaced: readonly string[] }): TableItem {
    const leftover = { unit: this.#unit, resolution, run: this.#run, ...names };
    return windowLeftoverItem(this.#parts, leftover, this.#slices);
  }

  #days(resolution: Resolution): number {
    return this.#parts.retention.derived.downsampled?.[resolution]?.days ?? 0;
  }

  #expiry(resolution: Resolution): number {
    return expiry(this.#unit, DAY_MS, this.#days(resolution));
  }
}

/** With those chunks of a bucket that may have samples of the day's windows: midnight is the end of its last one. */
function ofUnit(manifest: Manifest, unit: number): Manifest {
  return { ...manifest, chunks: manifest.chunks.filter(({ mint }) => mint <= unit + DAY_MS) };
}

/** When compactions begin to leave out samples of a bucket, ms: a day and a bucket's width before its chunks expire. */
function beginsToExpire({ ttlSeconds }: Manifest): number {
  return ttlSeconds * 1000 - DAY_MS - BUCKET_MS;
}

/** Different as soon as one of the manifests is replaced, or windows are kept for longer or shorter. */
function tellManifests(
  { retention }: CompactorParts,
  served: ReadonlyMap<Resolution, WindowManifest>,
  sources: readonly Manifest[],
): string {
  return JSON.stringify([
    ...[...served].map(([width, one]) => [width, retention.derived.downsampled?.[width]?.days, one.version, one.run]),
    ...sources.map(({ bucket, version, run }) => [bucket, version, run]),
  ]);
}

function noBlock(): never {
  throw new Error('BUG: a series of a chunk has no metric');
}
