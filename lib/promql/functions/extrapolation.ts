/** How the samples of a window lie in it; all durations in seconds. */
export interface Coverage {
  /** From the beginning of the range to the first sample. */
  toStart: number;
  /** From the last sample to the end of the range. */
  toEnd: number;
  /** From the first sample (or the counter's start) to the last. */
  sampled: number;
  /** The average between samples; 0 for a single one. */
  average: number;
}

/**
 * The factor from the increase between samples to the increase over the whole range. Where a sample is missing near a
 * boundary (farther than 1.1 average intervals), the series is taken to begin or end half an interval beyond its
 * samples. A counter is not extrapolated below zero: `toZero` is how long before the first sample it would have been 0,
 * or infinite.
 */
export function extrapolationFactor(coverage: Coverage, toZero: number): number {
  const { sampled, average } = coverage;
  const threshold = average * 1.1;
  const toStart = Math.min(coverage.toStart >= threshold ? average / 2 : coverage.toStart, toZero);
  return extendedBy(coverage, toStart, threshold, sampled);
}

/** The same for a counter whose start lies inside the range: nothing is extrapolated to the left. */
export function factorFromStart(coverage: Coverage): number {
  return extendedBy(coverage, 0, coverage.average * 1.1, coverage.sampled);
}

function extendedBy(coverage: Coverage, toStart: number, threshold: number, sampled: number): number {
  const toEnd = coverage.toEnd >= threshold ? coverage.average / 2 : coverage.toEnd;
  return sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
}
