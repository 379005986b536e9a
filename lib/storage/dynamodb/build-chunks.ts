import { encodeChunk } from '../../chunkenc/encode-chunk.ts';
import type { ChunkGroup } from '../../chunkenc/sample-block.ts';
import type { TimeRange } from '../retention-window.ts';
import { halves, type IdentifiedColumn, joinColumns } from './build-sample-blocks.ts';
import { seriesOrder } from './manifest.ts';
import { MAX_PAYLOAD_BYTES } from './table.ts';

/** A series of a bucket, ready to be packed. */
export interface ChunkSeries extends IdentifiedColumn {
  readonly metric: string;
}

export interface BuiltChunk extends TimeRange {
  readonly payload: Uint8Array;
  readonly first: string;
  readonly last: string;
  readonly samples: number;
}

/**
 * What a chunk should weigh, in samples: some 30 KB. Smaller ones waste requests, and larger ones make a query of one
 * metric read more of its neighbours.
 */
const TARGET_WEIGHT = 32_768;

/** A series costs as much as so many samples, whatever it holds: its id. */
const SERIES_WEIGHT = 8;

/** Packs series, sorted by `seriesOrder`, into chunks; a metric that fills half a chunk shares it with no other. */
export function buildChunks(series: readonly ChunkSeries[]): BuiltChunk[] {
  return cutSeries(series).flatMap(packSeries);
}

function cutSeries(series: readonly ChunkSeries[]): ChunkSeries[][] {
  const chunks: ChunkSeries[][] = [];
  let open: ChunkSeries[] = [];
  let openWeight = 0;
  for (const ofMetric of byMetric(series)) {
    const weight = weightOf(ofMetric);
    if (openWeight > 0 && (weight >= TARGET_WEIGHT / 2 || openWeight + weight > TARGET_WEIGHT)) {
      chunks.push(open);
      [open, openWeight] = [[], 0];
    }
    if (weight >= TARGET_WEIGHT / 2) chunks.push(...cutMetric(ofMetric, weight));
    else {
      open.push(...ofMetric);
      openWeight += weight;
    }
  }
  if (open.length > 0) chunks.push(open);
  return chunks;
}

/** Parts of equal numbers of series. */
function cutMetric(series: readonly ChunkSeries[], weight: number): ChunkSeries[][] {
  const parts = Math.min(series.length, Math.ceil(weight / TARGET_WEIGHT));
  return Array.from({ length: parts }, (_, i) =>
    series.slice(Math.floor((i * series.length) / parts), Math.floor(((i + 1) * series.length) / parts)),
  );
}

function byMetric(series: readonly ChunkSeries[]): ChunkSeries[][] {
  const groups: ChunkSeries[][] = [];
  for (const one of series) {
    const group = groups[groups.length - 1];
    if (group?.[0]?.metric === one.metric) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

function weightOf(series: readonly ChunkSeries[]): number {
  return series.reduce((sum, { column }) => sum + column.timestamps.length + SERIES_WEIGHT, 0);
}

/** One chunk, or several where its bytes do not fit an item. */
function packSeries(series: readonly ChunkSeries[]): BuiltChunk[] {
  const columns = joinColumns(series);
  const payload = encodeChunk({ groups: byMetric(series).map(toGroup), ...columns });
  if (payload.length > MAX_PAYLOAD_BYTES) return halves(series).flatMap(packSeries);
  let [mint, maxt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { column } of series) {
    mint = Math.min(mint, column.timestamps[0] as number);
    maxt = Math.max(maxt, column.timestamps[column.timestamps.length - 1] as number);
  }
  const [first, last] = [series[0], series[series.length - 1]] as [ChunkSeries, ChunkSeries];
  return [{ payload, mint, maxt, first: orderOf(first), last: orderOf(last), samples: columns.timestamps.length }];
}

function orderOf({ metric, identity }: ChunkSeries): string {
  return seriesOrder(metric, identity.id);
}

function toGroup(series: readonly ChunkSeries[]): ChunkGroup {
  return {
    metric: (series[0] as ChunkSeries).metric,
    idsHigh: Uint32Array.from(series, ({ identity }) => identity.high),
    idsLow: Uint32Array.from(series, ({ identity }) => identity.low),
  };
}
