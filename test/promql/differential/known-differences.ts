/** A way in which a version of Prometheus answers otherwise than we do on purpose. */
export interface KnownDifference {
  /** The last version that has it. */
  readonly until: readonly [major: number, minor: number];
  /** Expressions that may show it. */
  readonly expression: RegExp;
  readonly reason: string;
}

/**
 * Where older versions differ. Window edges need no entry: Prometheus 2 includes the left edge of a window, and the
 * dataset and the evaluation times are chosen so that nothing ever stands on one.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];

/** The differences that may excuse a mismatch of this version in this expression. */
export function excusesFor(version: string, expression: string): readonly KnownDifference[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return KNOWN_DIFFERENCES.filter(
    ({ until, expression: pattern }) =>
      (major < until[0] || (major === until[0] && minor <= until[1])) && pattern.test(expression),
  );
}
