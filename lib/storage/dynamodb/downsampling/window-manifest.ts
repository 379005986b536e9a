import { decodeJsonBlock, encodeJsonBlock } from '../../../chunkenc/json-block.ts';
import { FLOAT_AGGREGATES, type FloatAggregate } from '../../downsampling/downsample-floats.ts';
import type { Resolution } from '../../interface.ts';
import type { TimeRange } from '../../retention-window.ts';
import { decodeItem } from '../decode-item.ts';
import { timeDigits } from '../keys.ts';
import { readItems, type StoredItem } from '../read-items.ts';
import type { Table, TableItem } from '../table.ts';
import { spanOf, windowManifestsKey } from './window-keys.ts';

/** The columns that a group of series has; the last one is of native histograms. Their order is part of the format. */
export const WINDOW_COLUMNS = [...FLOAT_AGGREGATES, 'histograms'] as const;
export type WindowColumn = FloatAggregate | 'histograms';

/** Series with their windows of one day: a chunk for each column that any of them has. */
export interface WindowGroup {
  /** `RUN/NUMBER`; never used again. */
  readonly name: string;
  /** `seriesOrder` of the first and the last. */
  readonly first: string;
  readonly last: string;
  readonly columns: readonly WindowColumn[];
}

/** All windows of one width of a day. Replacing it is how downsampling takes effect. */
export interface WindowManifest {
  /** Start of the day, ms. */
  readonly unit: number;
  readonly run: string;
  readonly groups: readonly WindowGroup[];
  /** Whether the day was ever downsampled; until then samples answer for it. */
  readonly isMade: boolean;
  /** When the first of the samples that they were made of began to expire, ms; undefined where there were none. */
  readonly samplesUntil: number | undefined;
  /** When it expires, as its chunks do. */
  readonly ttlSeconds: number;
  /** undefined: it was never written. */
  readonly version: number | undefined;
}

/** The part of a chunk's key that follows the day. */
export function columnNames({ name, columns }: WindowGroup): string[] {
  return columns.map((column) => `${name}/${column}`);
}

/** Manifests of the days that start in [mint, maxt], all in one span. */
export async function readWindowManifests(
  table: Table,
  tenant: string,
  resolution: Resolution,
  { mint, maxt }: TimeRange,
  { now, signal }: { readonly now: number; readonly signal?: AbortSignal | undefined },
): Promise<WindowManifest[]> {
  const pk = windowManifestsKey(tenant, resolution, spanOf(mint));
  const manifests: WindowManifest[] = [];
  for await (const items of readItems(table, { pk, from: timeDigits(mint), to: timeDigits(maxt), now, signal })) {
    for (const item of items) manifests.push(decodeItem(pk, item, () => decodeManifest(item)));
  }
  return manifests;
}

/** The manifest of one day, to be replaced. One that has expired names nothing any more, as that of a bucket. */
export async function readWindowManifest(
  table: Table,
  tenant: string,
  resolution: Resolution,
  unit: number,
  now: number,
): Promise<WindowManifest> {
  const [manifest] = await readWindowManifests(table, tenant, resolution, { mint: unit, maxt: unit }, { now: 0 });
  const none = { unit, run: '', groups: [], isMade: false, samplesUntil: undefined };
  if (manifest === undefined) return { ...none, ttlSeconds: 0, version: undefined };
  return manifest.ttlSeconds * 1000 > now ? manifest : { ...manifest, ...none };
}

export function windowManifestItem(
  tenant: string,
  resolution: Resolution,
  { unit, run, groups, isMade, samplesUntil, ttlSeconds }: Omit<WindowManifest, 'version'>,
): Omit<TableItem, 'version'> {
  const rows = groups.map(({ name, first, last, columns }): Row => [name, first, last, toBits(columns)]);
  return {
    pk: windowManifestsKey(tenant, resolution, spanOf(unit)),
    sk: timeDigits(unit),
    payload: encodeJsonBlock('manifest', isMade ? { run, groups: rows, samplesUntil } : { run }),
    ttlSeconds,
  };
}

interface Payload {
  readonly run: string;
  readonly groups?: readonly Row[];
  readonly samplesUntil?: number;
}

/** `columns` is a bit for each of `WINDOW_COLUMNS`. */
type Row = [name: string, first: string, last: string, columns: number];

function decodeManifest({ sk, payload, ttlSeconds, version }: StoredItem): WindowManifest {
  const { run, groups, samplesUntil } = decodeJsonBlock('manifest', payload) as Payload;
  return {
    unit: Number(sk),
    run,
    groups: (groups ?? []).map(([name, first, last, bits]): WindowGroup => {
      return { name, first, last, columns: WINDOW_COLUMNS.filter((_, i) => (bits & (1 << i)) !== 0) };
    }),
    isMade: groups !== undefined,
    samplesUntil,
    ttlSeconds,
    version,
  };
}

function toBits(columns: readonly WindowColumn[]): number {
  return columns.reduce((bits, column) => bits | (1 << WINDOW_COLUMNS.indexOf(column)), 0);
}
