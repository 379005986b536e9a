/** A way in which a version of Prometheus answers otherwise than we do on purpose. */
export interface KnownDifference {
  /** The last version that is known to have it. */
  readonly until: readonly [major: number, minor: number];
  /** Expressions that may show it. */
  readonly expression: RegExp;
  /** What the mismatch must look like; any where absent. */
  readonly symptom?: RegExp;
  readonly reason: string;
}

/**
 * Where older versions differ. Window edges need no entry: Prometheus 2 includes the left edge of a window, and the
 * dataset and the evaluation times are chosen so that nothing ever stands on one.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    until: [2, 42],
    expression: /\batan2\b/,
    reason: 'atan2 kept the metric name, as if it were a comparison',
  },
  {
    until: [2, 42],
    expression: /\b(rate|increase)\(/,
    reason: 'a counter younger than its window was extended back to zero without regard to its scrape interval',
  },
  {
    until: [2, 42],
    expression: /\bstd(dev|var)\b/,
    reason: 'the deviation of a single NaN or infinite value was 0',
  },
  {
    until: [3, 5],
    expression:
      /\btimestamp\([^()]*@[^()]*offset|\btimestamp\([^()]*offset[^()]*@|\btimestamp\([^()]*@ (start|end)\(\)[^()]*offset/,
    reason: 'timestamp() of a selector with @ and offset read the samples without the offset, and found none',
  },
  {
    until: [3, 5],
    expression: /-\s*\(/,
    symptom: /^Prometheus fails \(vector cannot contain metrics with the same labelset\)/,
    reason: 'a range query refused the negation of series of different names that never stand at one step',
  },
  {
    until: [3, 5],
    expression: /\bmad_over_time\(/,
    reason: 'NaN counted as the smallest value, where newer versions answer NaN',
  },
  {
    until: [2, 42],
    expression: /\bpredict_linear\(.*@/,
    reason: 'a pinned window in predict_linear answered for the first step of a range query only',
  },
];

/** The difference that excuses a mismatch of this version in this expression, if any does. */
export function excuseFor(version: string, expression: string, difference: string): KnownDifference | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return KNOWN_DIFFERENCES.find(
    ({ until, expression: pattern, symptom }) =>
      (major < until[0] || (major === until[0] && minor <= until[1])) &&
      pattern.test(expression) &&
      (symptom === undefined || symptom.test(difference)),
  );
}
