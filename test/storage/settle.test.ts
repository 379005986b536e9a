import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { compareSettled } from '../../lib/storage/settle.ts';

const anyBits = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((bits) => new Float64Array(BigUint64Array.of(bits).buffer)[0] as number);
const value = fc.oneof(fc.double(), anyBits, fc.constantFrom(STALE_NAN, Number.NaN, 0, -0, 1, 2));
/** Objects, not tuples: an ordinary array of doubles may replace the bits of a NaN. */
const pair = fc.record({ value, start: fc.integer({ min: 0, max: 3 }) });
type Pair = { readonly value: number; readonly start: number };

describe('compareSettled', () => {
  it('orders any two samples, the same way from both sides', () => {
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        // `|| 0`: no order is -0.
        expect(Math.sign(compare(a, b)) || 0).toBe(-Math.sign(compare(b, a)) || 0);
        expect(compare(a, a)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('makes taking the greater commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(pair, pair, pair, (a, b, c) => {
        expect(compare(greater(a, b), greater(b, a))).toBe(0);
        expect(compare(greater(a, greater(b, c)), greater(greater(a, b), c))).toBe(0);
        expect(compare(greater(a, a), a)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('ranks markers, NaNs and numbers', () => {
    const ascending = Float64Array.of(STALE_NAN, Number.NaN, -Infinity, -1, -0, 0, 5e-324, 1, Infinity);
    for (const [i, lower] of ascending.entries()) {
      for (const upper of ascending.slice(i + 1)) expect(compareSettled(lower, 9, upper, 0)).toBeLessThan(0);
    }
  });

  it('does not tell a NaN from its quiet form', () => {
    const [signalling, quiet] = new Float64Array(BigUint64Array.of(0x7ff0000000000007n, 0x7ff8000000000007n).buffer);
    expect(compareSettled(signalling as number, 0, quiet as number, 0)).toBe(0);
  });

  it('prefers the later start of equal values', () => {
    expect(compareSettled(1, 5, 1, 0)).toBeGreaterThan(0);
    expect(compareSettled(STALE_NAN, 5, STALE_NAN, 0)).toBeGreaterThan(0);
  });
});

function compare(a: Pair, b: Pair): number {
  return compareSettled(a.value, a.start, b.value, b.start);
}

function greater(a: Pair, b: Pair): Pair {
  return compare(a, b) >= 0 ? a : b;
}
