import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStrings } from '../../lib/model/compare-strings.ts';

describe('compareStrings', () => {
  it('orders as the bytes of UTF-8 do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
  });

  it('puts astral characters after the rest of the basic plane, where `<` does not', () => {
    expect('\u{1f600}' < '\uffee').toBe(true);
    expect(compareStrings('\u{1f600}', '\uffee')).toBeGreaterThan(0);
    expect(compareStrings('a', 'ab')).toBeLessThan(0);
    expect(compareStrings('a', 'a')).toBe(0);
  });
});
