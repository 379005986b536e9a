import type { ChunkGroup } from '../../chunkenc/sample-block.ts';
import type { TimeRange } from '../retention-window.ts';
import { floatsOf, halves, histogramsOf, type IdentifiedSeries, rangeOf } from './build-sample-blocks.ts';
import { seriesOrder } from './manifest.ts';
import { FLOATS, HISTOGRAMS, type Identified, type SampleKind } from './sample-kind.ts';
import { MAX_PAYLOAD_BYTES } from './table.ts';

/** A series of a bucket, ready to be packed. */
export interface ChunkSeries extends IdentifiedSeries {
  readonly metric: string;
}

export interface BuiltChunk extends TimeRange {
  readonly payload: Uint8Array;
  readonly first: string;
  readonly last: string;
  readonly samples: number;
  readonly kind: SampleKind<Identified>['name'];
}

/**
 * What a chunk should weigh, in floats: some 30 KB. Smaller ones waste requests, and larger ones make a query of one
 * metric read more of its neighbours.
 */
const TARGET_WEIGHT = 32_768;

/** A series costs as much as so many floats, whatever it holds: its id. */
const SERIES_WEIGHT = 8;

/** A series of one kind of samples. */
type Placed = Identified & Pick<ChunkSeries, 'metric'>;

/** Packs series, sorted by `seriesOrder`, into chunks; a metric that fills half a chunk shares it with no other. */
export function buildChunks(series: readonly ChunkSeries[]): BuiltChunk[] {
  return [...buildOfKind(FLOATS, floatsOf(series)), ...buildOfKind(HISTOGRAMS, histogramsOf(series))];
}

function buildOfKind<T extends Identified>(kind: SampleKind<T>, series: readonly (T & Placed)[]): BuiltChunk[] {
  return cutSeries(series, (one) => kind.countOf(one) * kind.weight + SERIES_WEIGHT).flatMap((part) =>
    packSeries(kind, part),
  );
}

function cutSeries<T extends Placed>(series: readonly T[], weigh: (series: T) => number): T[][] {
  const chunks: T[][] = [];
  let open: T[] = [];
  let openWeight = 0;
  for (const ofMetric of byMetric(series)) {
    const weight = ofMetric.reduce((sum, one) => sum + weigh(one), 0);
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
function cutMetric<T>(series: readonly T[], weight: number): T[][] {
  const parts = Math.min(series.length, Math.ceil(weight / TARGET_WEIGHT));
  return Array.from({ length: parts }, (_, i) =>
    series.slice(Math.floor((i * series.length) / parts), Math.floor(((i + 1) * series.length) / parts)),
  );
}

function byMetric<T extends Placed>(series: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const one of series) {
    const group = groups[groups.length - 1];
    if (group?.[0]?.metric === one.metric) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** One chunk, or several where its bytes do not fit an item. */
function packSeries<T extends Identified>(kind: SampleKind<T>, series: readonly (T & Placed)[]): BuiltChunk[] {
  const payload = kind.encodeChunk(byMetric(series).map(toGroup), series);
  if (payload.length > MAX_PAYLOAD_BYTES) {
    const slice = (one: T & Placed, begin: number, end: number) => ({ ...one, ...kind.slice(one, begin, end) });
    return halves({ ...kind, slice }, series).flatMap((half) => packSeries(kind, half));
  }
  const [first, last] = [series[0], series[series.length - 1]] as [Placed, Placed];
  const samples = series.reduce((sum, one) => sum + kind.countOf(one), 0);
  const names = { first: orderOf(first), last: orderOf(last) };
  return [{ payload, ...rangeOf(kind, series), ...names, samples, kind: kind.name }];
}

function orderOf({ metric, identity }: Placed): string {
  return seriesOrder(metric, identity.id);
}

function toGroup(series: readonly Placed[]): ChunkGroup {
  return {
    metric: (series[0] as Placed).metric,
    idsHigh: Uint32Array.from(series, ({ identity }) => identity.high),
    idsLow: Uint32Array.from(series, ({ identity }) => identity.low),
  };
}
