import { encodeLabelsBlock } from '../../chunkenc/encode-labels-block.ts';
import { compareLabels, type Labels } from '../../model/labels.ts';
import { InvalidSampleError } from '../errors.ts';
import { MAX_PAYLOAD_BYTES } from './table.ts';

/** More series are not tried at once. */
const MAX_BLOCK_SERIES = 10_000;

/**
 * Packs label sets into as few blocks as fit the items of the table; sorted, because neighbours then share most symbols.
 *
 * @throws InvalidSampleError when one label set alone does not fit.
 */
export function buildLabelsBlocks(series: readonly Labels[]): Uint8Array[] {
  return packSorted([...series].sort(compareLabels));
}

function packSorted(series: readonly Labels[]): Uint8Array[] {
  const [only] = series;
  if (only === undefined) return [];
  if (series.length <= MAX_BLOCK_SERIES) {
    const payload = encodeLabelsBlock(series);
    if (payload.length <= MAX_PAYLOAD_BYTES) return [payload];
    if (series.length === 1) {
      throw new InvalidSampleError(
        `cannot store series ${String(only).slice(0, 200)}…: its labels take ${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES}`,
      );
    }
  }
  const middle = series.length >>> 1;
  return [...packSorted(series.slice(0, middle)), ...packSorted(series.slice(middle))];
}
