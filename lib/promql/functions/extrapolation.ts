/** How the samples of a window lie in it; all durations in seconds. */
export interface Coverage {
  /** From the beginning of the range to the first sample. */
  readonly toStart: number;
  /** From the last sample to the end of the range. */
  readonly toEnd: number;
  /** From the first sample (or the counter's start) to the last. */
  readonly sampled: number;
  /** The average between samples; 0 for a single one. */
  readonly average: number;
}

/** Samples `[first, last)` at `timestamps`, in a range from `start` to `end`, all in ms; they stand for `samples`. */
export function coverageOf(
  timestamps: Float64Array,
  first: number,
  last: number,
  start: number,
  end: number,
  samples = last - first,
): Coverage {
  const firstTime = timestamps[first] as number;
  const lastTime = timestamps[last - 1] as number;
  const sampled = (lastTime - firstTime) / 1000;
  return {
    toStart: (firstTime - start) / 1000,
    toEnd: (end - lastTime) / 1000,
    sampled,
    average: samples > 1 ? sampled / (samples - 1) : 0,
  };
}

/**
 * The factor from the increase between samples to the increase over the whole range. Where a sample is missing near a
 * boundary (farther than 1.1 average intervals), the series is taken to begin or end half an interval beyond its
 * samples. A counter is not extrapolated below zero: `toZero` is how long before the first sample it would have been 0,
 * or infinite.
 */
export function extrapolationFactor({ toStart, toEnd, sampled, average }: Coverage, toZero: number): number {
  const threshold = average * 1.1;
  const before = Math.min(toStart >= threshold ? average / 2 : toStart, toZero);
  const after = toEnd >= threshold ? average / 2 : toEnd;
  return sampled === 0 ? 1 : (sampled + before + after) / sampled;
}

/** The same for a counter whose `start` (ms) lies inside the range: nothing is extrapolated to the left of it. */
export function factorFromStart({ toEnd, average }: Coverage, start: number, lastTime: number): number {
  return extrapolationFactor({ toStart: 0, toEnd, sampled: (lastTime - start) / 1000, average }, 0);
}
