import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteRegexp } from '../../lib/model/quote-regexp.ts';
import { compileAnchored, compileRegexp } from '../../lib/model/regexp.ts';

describe('quoteRegexp', () => {
  it('matches the text and no other', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab.+*?()[]{}^$|\\-/#;') });
    fc.assert(
      fc.property(text, text, (wanted, other) => {
        for (const matches of [
          (value: string) => compileRegexp(quoteRegexp(wanted)).matches(value),
          (value: string) => compileAnchored(quoteRegexp(wanted)).matcher(value).matches(),
        ]) {
          expect(matches(wanted)).toBe(true);
          expect(matches(other)).toBe(wanted === other);
        }
      }),
    );
  });
});
