import type { ResetHint } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { type Buckets, type SparseHistogram, toSparse } from './sparse-histogram.ts';

/** Samples that Prometheus's head puts into one chunk before it cuts the next. */
const CHUNK_SAMPLES = 120;

/**
 * The counter reset hint that Prometheus's storage returns for each histogram of a series, which is not always the one
 * appended: within a chunk a counter histogram is known not to have reset; a reset that the storage detects begins a
 * new chunk, of whose first sample it then knows nothing (prometheus/prometheus#15346), and neither does it of what
 * follows a float or a gauge histogram. Undefined stands for a float between the histograms.
 */
export function storedResetHints(samples: readonly (FloatHistogram | undefined)[]): (ResetHint | undefined)[] {
  let previous: SparseHistogram | undefined;
  let inChunk = 0;
  return samples.map((sample) => {
    if (sample === undefined) {
      previous = undefined;
      return undefined;
    }
    const current = toSparse(sample);
    const hint = storedHint(current, previous);
    inChunk = hint === 'no' || (hint === 'gauge' && previous?.resetHint === 'gauge') ? inChunk + 1 : 1;
    previous = current;
    if (hint !== 'no' || inChunk <= CHUNK_SAMPLES) return hint;
    inChunk = 1;
    return 'unknown';
  });
}

function storedHint(current: SparseHistogram, previous: SparseHistogram | undefined): ResetHint {
  if (current.resetHint === 'gauge') return 'gauge';
  if (current.resetHint === 'yes') return 'yes';
  if (previous === undefined || previous.resetHint === 'gauge') return 'unknown';
  return hasReset(current, previous) ? 'unknown' : 'no';
}

function hasReset(current: SparseHistogram, previous: SparseHistogram): boolean {
  return (
    current.schema !== previous.schema ||
    current.zeroThreshold !== previous.zeroThreshold ||
    current.customValues.join() !== previous.customValues.join() ||
    current.count < previous.count ||
    current.zeroCount < previous.zeroCount ||
    shrinks(current.positive, previous.positive) ||
    shrinks(current.negative, previous.negative)
  );
}

function shrinks(current: Buckets, previous: Buckets): boolean {
  return [...previous].some(([index, count]) => (current.get(index) ?? 0) < count);
}
