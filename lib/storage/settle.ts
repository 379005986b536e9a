import { isStaleNaN } from '../model/stale-marker.ts';

const left = new Float64Array(1);
const right = new Float64Array(1);
const leftBits = new BigUint64Array(left.buffer);
const rightBits = new BigUint64Array(right.buffer);
/** An engine may set this bit of a NaN whenever the number passes through a register, so it cannot tell two NaNs apart. */
const QUIET_BIT = 1n << 51n;

/**
 * Orders two samples of one series and one timestamp; the greater one is what the store returns. The order is total
 * over values and start timestamps, so taking the greater is commutative, associative and idempotent: neither the
 * order of writes nor a repeated write can change an answer.
 *
 * From least to greatest: stale marker, other NaNs, -Inf … -0, +0 … +Inf. A real value beats a marker that some restart
 * wrote at the same instant, a number beats the NaN of a rule that saw too little, and a counter keeps its larger
 * reading. Of equal values the one with the later start timestamp (ms, 0 where unset) is greater.
 */
export function compareSettled(aValue: number, aStart: number, bValue: number, bStart: number): number {
  if (aValue < bValue) return -1;
  if (aValue > bValue) return 1;
  return compareUnordered(aValue, bValue) || aStart - bStart;
}

/** Values that `<` and `>` do not order: zeros of two signs, and NaNs. */
function compareUnordered(a: number, b: number): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0 || !Number.isNaN(a)) return rank;
  if (isStaleNaN(a)) return 0;
  left[0] = a;
  right[0] = b;
  const [aBits, bBits] = [(leftBits[0] as bigint) | QUIET_BIT, (rightBits[0] as bigint) | QUIET_BIT];
  return aBits === bBits ? 0 : aBits < bBits ? -1 : 1;
}

function rankOf(value: number): number {
  if (Number.isNaN(value)) return isStaleNaN(value) ? 0 : 1;
  return Object.is(value, -0) ? 2 : 3;
}
