import type { ChunkGroup } from '../../../chunkenc/sample-block.ts';
import type { Histogram } from '../../../model/histogram.ts';
import { FLOAT_AGGREGATES, type FloatAggregate, type FloatWindows } from '../../downsampling/downsample-floats.ts';
import { buildChunks } from '../build-chunks.ts';
import { seriesOrder } from '../manifest.ts';
import { FLOATS, type Identified } from '../sample-kind.ts';
import { MAX_PAYLOAD_BYTES } from '../table.ts';
import type { WindowColumn } from './window-manifest.ts';

/** The windows of one series and day. */
export interface WindowedSeries extends Identified {
  readonly metric: string;
  readonly floats: FloatWindows;
  readonly histograms: readonly Histogram[];
}

/** Series that share the chunks of their columns. */
export interface BuiltGroup {
  readonly first: string;
  readonly last: string;
  readonly columns: ReadonlyMap<WindowColumn, Uint8Array>;
}

/**
 * Windows that a column of a group should hold, some 30 KB. A query reads one column of the groups of its metric, one for each
 * day of a long time, so they are smaller than chunks of samples.
 */
const TARGET_WINDOWS = 12_288;

/** A series costs as much as so many windows, whatever it holds: its id. */
const SERIES_WEIGHT = 8;

/** Packs windows of series, sorted by `seriesOrder`. */
export function buildWindowGroups(series: readonly WindowedSeries[]): BuiltGroup[] {
  const ofFloats = series.filter(({ floats }) => floats.lasts !== undefined);
  return [...cutGroups(ofFloats).flatMap(packGroup), ...histogramGroups(series)];
}

/** A metric of half a group or more shares it with no other. */
function cutGroups(series: readonly WindowedSeries[]): WindowedSeries[][] {
  const groups: WindowedSeries[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const ofMetric of byMetric(series)) {
    const ofMetricWeight = ofMetric.reduce((sum, one) => sum + weigh(one), 0);
    if (weight + ofMetricWeight > TARGET_WINDOWS || ofMetricWeight > TARGET_WINDOWS / 2) {
      groups.push([]);
      weight = 0;
    }
    for (const one of ofMetric) {
      if (weight > 0 && weight + weigh(one) > TARGET_WINDOWS) {
        groups.push([]);
        weight = 0;
      }
      groups.at(-1)?.push(one);
      weight += weigh(one);
    }
    if (ofMetricWeight > TARGET_WINDOWS / 2) weight = Number.POSITIVE_INFINITY;
  }
  return groups;
}

function weigh({ floats }: WindowedSeries): number {
  return (floats.lasts?.timestamps.length ?? 0) + SERIES_WEIGHT;
}

/** One group, or several where a column's bytes do not fit an item. */
function packGroup(series: readonly WindowedSeries[]): BuiltGroup[] {
  const columns = new Map<WindowColumn, Uint8Array>();
  for (const aggregate of FLOAT_AGGREGATES) {
    const having = series.filter(({ floats }) => floats[aggregate] !== undefined);
    if (having.length > 0) columns.set(aggregate, encodeColumn(having, aggregate));
  }
  if ([...columns.values()].some(({ length }) => length > MAX_PAYLOAD_BYTES)) {
    if (series.length === 1) throw new Error('BUG: the windows of one series and day do not fit an item');
    const middle = series.length >>> 1;
    return [...packGroup(series.slice(0, middle)), ...packGroup(series.slice(middle))];
  }
  const [first, last] = [series[0], series[series.length - 1]] as [WindowedSeries, WindowedSeries];
  return [{ first: orderOf(first), last: orderOf(last), columns }];
}

function encodeColumn(series: readonly WindowedSeries[], aggregate: FloatAggregate): Uint8Array {
  return FLOATS.encodeChunk(
    byMetric(series).map(toGroup),
    series.flatMap(({ identity, floats }) => {
      const column = floats[aggregate];
      return column === undefined ? [] : [{ identity, column }];
    }),
  );
}

/** Chunks of histograms, as those of a bucket are. */
function histogramGroups(series: readonly WindowedSeries[]): BuiltGroup[] {
  const having = series.filter(({ histograms }) => histograms.length > 0);
  const chunks = buildChunks(
    having.map(({ identity, metric, histograms }) => {
      const timestamps = Float64Array.from(histograms, ({ timestamp }) => timestamp);
      return { identity, metric, columns: { floats: NO_FLOATS, histograms: { timestamps, histograms } } };
    }),
  );
  return chunks.map(({ first, last, payload }) => ({ first, last, columns: new Map([['histograms', payload]]) }));
}

const NO_FLOATS = { timestamps: new Float64Array(0), values: new Float64Array(0) };

function byMetric(series: readonly WindowedSeries[]): WindowedSeries[][] {
  const groups: WindowedSeries[][] = [];
  for (const one of series) {
    const group = groups[groups.length - 1];
    if (group?.[0]?.metric === one.metric) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

function orderOf({ metric, identity }: WindowedSeries): string {
  return seriesOrder(metric, identity.id);
}

function toGroup(series: readonly WindowedSeries[]): ChunkGroup {
  return {
    metric: (series[0] as WindowedSeries).metric,
    idsHigh: Uint32Array.from(series, ({ identity }) => identity.high),
    idsLow: Uint32Array.from(series, ({ identity }) => identity.low),
  };
}
