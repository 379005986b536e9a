import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareNaturally } from '../../../lib/promql/functions/compare-naturally.ts';

it.each([
  ['2', '10', -1],
  ['a2b', 'a10', -1],
  ['a', 'a1', -1],
  ['1.11.3', '1.2.3', 1],
  ['007', '7', 0],
  ['', 'a', -1],
  ['99999999999999999999', '100000000000000000000', -1],
])('%s against %s', (a, b, sign) => {
  expect(Math.sign(compareNaturally(a, b))).toBe(sign);
  expect(Math.sign(compareNaturally(b, a)) + sign).toBe(0);
});

it('is transitive', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '0', '1', '9', '.'), maxLength: 6 });
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      if (compareNaturally(a, b) <= 0 && compareNaturally(b, c) <= 0)
        expect(compareNaturally(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});
