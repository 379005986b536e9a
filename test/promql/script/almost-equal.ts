import { isStaleNaN } from '../../../lib/model/stale-marker.ts';

/** The tolerance of Prometheus's own runs of these scripts, relative to the sum of both numbers. */
const EPSILON = 1e-6;
const MIN_NORMAL = 2.2250738585072014e-308;

/** Whether two sample values pass as equal: NaN equals NaN (a stale marker only itself), and zero has no neighbours. */
export function almostEqual(a: number, b: number, epsilon: number = EPSILON): boolean {
  if (isStaleNaN(a) || isStaleNaN(b)) return isStaleNaN(a) && isStaleNaN(b);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < epsilon * MIN_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < epsilon;
}
