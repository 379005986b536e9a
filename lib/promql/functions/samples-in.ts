import type { RangeSeries } from '../value.ts';

/** How many samples the floats `[first, last)` stand for: as many as they are, unless a store summed up. */
export function samplesIn({ counts }: RangeSeries, first: number, last: number): number {
  if (counts === undefined) return last - first;
  let samples = 0;
  for (let i = first; i < last; i++) samples += counts[i] as number;
  return samples;
}
