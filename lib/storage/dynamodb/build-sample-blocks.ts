import type { TimeRange } from '../retention-window.ts';
import type { SeriesColumns } from '../series-builder.ts';
import { FLOATS, HISTOGRAMS, type Identified, type SampleKind } from './sample-kind.ts';
import { MAX_PAYLOAD_BYTES } from './table.ts';

/** Samples of one series, of both kinds, that belong into the same blocks. */
export interface IdentifiedSeries extends Identified {
  readonly columns: SeriesColumns;
}

/** An encoded block and the times of its first and last samples. */
export interface BuiltBlock extends TimeRange {
  readonly payload: Uint8Array;
}

/** More samples, by weight, are not tried at once: nearly all blocks of this many fit an item, and the rest are halved. */
const MAX_BLOCK_WEIGHT = 32_768;

/** Packs series, sorted by id, into as few blocks as fit the items of the table. */
export function buildSampleBlocks(series: readonly IdentifiedSeries[]): BuiltBlock[] {
  return [...buildBlocks(FLOATS, floatsOf(series)), ...buildBlocks(HISTOGRAMS, histogramsOf(series))];
}

/** The series that have floats, and only these. */
export function floatsOf<T extends IdentifiedSeries>(series: readonly T[]) {
  return series.flatMap((one) =>
    one.columns.floats.timestamps.length > 0 ? [{ ...one, column: one.columns.floats }] : [],
  );
}

/** The series that have histograms, and only these. */
export function histogramsOf<T extends IdentifiedSeries>(series: readonly T[]) {
  return series.flatMap((one) => {
    const { histograms = [] } = one.columns.histograms ?? {};
    return histograms.length > 0 ? [{ ...one, histograms }] : [];
  });
}

/** Halves the series; a single series is halved in time. */
export function halves<T extends Identified>(
  kind: Pick<SampleKind<T>, 'countOf' | 'slice'>,
  series: readonly T[],
): T[][] {
  const [only] = series;
  if (only === undefined) throw new Error('BUG: no series to halve');
  if (series.length > 1) {
    const middle = series.length >>> 1;
    return [series.slice(0, middle), series.slice(middle)];
  }
  const count = kind.countOf(only);
  const middle = count >>> 1;
  if (middle === 0) throw new Error('BUG: one sample does not fit an item');
  return [[kind.slice(only, 0, middle)], [kind.slice(only, middle, count)]];
}

/** The times of the first and the last sample of series that have any. */
export function rangeOf<T extends Identified>({ countOf, timeOf }: SampleKind<T>, series: readonly T[]): TimeRange {
  let [mint, maxt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of series) {
    mint = Math.min(mint, timeOf(one, 0));
    maxt = Math.max(maxt, timeOf(one, countOf(one) - 1));
  }
  return { mint, maxt };
}

function buildBlocks<T extends Identified>(kind: SampleKind<T>, series: readonly T[]): BuiltBlock[] {
  if (series.length === 0) return [];
  const count = series.reduce((sum, one) => sum + kind.countOf(one), 0);
  if (count === 1 || count * kind.weight <= MAX_BLOCK_WEIGHT) {
    const idsHigh = Uint32Array.from(series, ({ identity }) => identity.high);
    const idsLow = Uint32Array.from(series, ({ identity }) => identity.low);
    const payload = kind.encodeBlock({ idsHigh, idsLow }, series);
    if (payload.length <= MAX_PAYLOAD_BYTES) return [{ payload, ...rangeOf(kind, series) }];
  }
  return halves(kind, series).flatMap((half) => buildBlocks(kind, half));
}
