import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import type { RetentionClass } from '../interface.ts';
import { DAY_MS, type TimeRange } from '../retention-window.ts';
import { decodeItem } from './decode-item.ts';
import { alignDown, manifestsKey, timeDigits } from './keys.ts';
import { readItems, type StoredItem } from './read-items.ts';
import { FLOATS, HISTOGRAMS, type Identified, type SampleKind } from './sample-kind.ts';
import type { Table, TableItem } from './table.ts';

/** One chunk of a bucket. Chunks never change; a name is never used again. */
export interface ChunkRef extends TimeRange {
  /** `RUN/NUMBER`: the compaction that wrote it. The chunks of one run do not overlap. */
  readonly name: string;
  /** Keys (`seriesOrder`) of its first and last series. */
  readonly first: string;
  readonly last: string;
  readonly samples: number;
  /** A chunk holds samples of one kind. */
  readonly kind: SampleKind<Identified>['name'];
}

/** Which chunks a bucket consists of. Replacing it is how a compaction takes effect, all of it at once. */
export interface Manifest {
  /** Start of the bucket, ms. */
  readonly bucket: number;
  /** The run that wrote this version. */
  readonly run: string;
  readonly chunks: readonly ChunkRef[];
  /** When it expires, at the latest when the first of its chunks does. */
  readonly ttlSeconds: number;
  /** undefined: it was never written. */
  readonly version: number | undefined;
}

/** The order of series in chunks: by metric name, then by id. Texts are compared by UTF-16 units everywhere. */
export function seriesOrder(metric: string, id: string): string {
  return `${metric}\n${id}`;
}

export function runOf({ name }: ChunkRef): string {
  return name.slice(0, name.indexOf('/'));
}

/** Manifests of the buckets of one day that start in [mint, maxt], in one request. */
export async function readManifests(
  table: Table,
  tenant: string,
  retentionClass: RetentionClass,
  { mint, maxt }: TimeRange,
  { now, signal }: { readonly now: number; readonly signal?: AbortSignal | undefined },
): Promise<Manifest[]> {
  const pk = manifestsKey(tenant, retentionClass, alignDown(mint, DAY_MS));
  const manifests: Manifest[] = [];
  for await (const items of readItems(table, { pk, from: timeDigits(mint), to: timeDigits(maxt), now, signal })) {
    for (const item of items) manifests.push(decodeItem(pk, item, () => decodeManifest(item)));
  }
  return manifests;
}

/**
 * The manifest of one bucket, to be replaced. One that has expired names no chunks any more, but until DynamoDB deletes it
 * only its version can be replaced.
 */
export async function readManifest(
  table: Table,
  tenant: string,
  retentionClass: RetentionClass,
  bucket: number,
  now: number,
): Promise<Manifest> {
  const [manifest] = await readManifests(table, tenant, retentionClass, { mint: bucket, maxt: bucket }, { now: 0 });
  if (manifest === undefined) return { bucket, run: '', chunks: [], ttlSeconds: 0, version: undefined };
  return manifest.ttlSeconds * 1000 > now ? manifest : { ...manifest, chunks: [] };
}

export function manifestItem(
  tenant: string,
  retentionClass: RetentionClass,
  { bucket, run, chunks, ttlSeconds }: Omit<Manifest, 'version'>,
): Omit<TableItem, 'version'> {
  const rows = chunks.map(toRow);
  return {
    pk: manifestsKey(tenant, retentionClass, alignDown(bucket, DAY_MS)),
    sk: timeDigits(bucket),
    payload: encodeJsonBlock('manifest', { run, chunks: rows }),
    ttlSeconds,
  };
}

/** What the chunks weigh together, in floats. */
export function weightOf(chunks: readonly ChunkRef[]): number {
  return chunks.reduce((sum, { samples, kind }) => sum + samples * (kind === 'floats' ? FLOATS : HISTOGRAMS).weight, 0);
}

/** The kind stands only with histograms. */
type Row = [
  name: string,
  first: string,
  last: string,
  mint: number,
  maxt: number,
  samples: number,
  kind?: 'histograms',
];

function toRow({ name, first, last, mint, maxt, samples, kind }: ChunkRef): Row {
  return kind === 'floats' ? [name, first, last, mint, maxt, samples] : [name, first, last, mint, maxt, samples, kind];
}

function decodeManifest({ sk, payload, ttlSeconds, version }: StoredItem): Manifest {
  const { run, chunks } = decodeJsonBlock('manifest', payload) as { run: string; chunks: Row[] };
  return {
    bucket: Number(sk),
    run,
    chunks: chunks.map(([name, first, last, mint, maxt, samples, kind]): ChunkRef => {
      return { name, first, last, mint, maxt, samples, kind: kind ?? 'floats' };
    }),
    ttlSeconds,
    version,
  };
}
