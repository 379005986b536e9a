import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../../lib/api/json/timestamp.ts';

describe('formatTimestamp', () => {
  it.each([
    [0, '0'],
    [1435781451000, '1435781451'],
    [1435781451781, '1435781451.781'],
    [1795348432180, '1795348432.180'],
    [1795348432005, '1795348432.005'],
    [1, '0.001'],
    [-1, '-0.001'],
    [-1500, '-1.500'],
    [-2000, '-2'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatTimestamp(ms)).toBe(text);
  });

  it('is the same time in seconds', () => {
    const anyTime = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });
    fc.assert(
      fc.property(anyTime, (ms) => {
        expect(Math.round(Number(formatTimestamp(ms)) * 1000)).toBe(ms);
      }),
    );
  });
});
