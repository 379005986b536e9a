import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../lib/api/params/parse-duration.ts';

describe('parseDuration', () => {
  it.each([
    ['15', 15_000],
    ['0.5', 500],
    ['-1', -1000],
    ['0', 0],
    ['1e3', 1_000_000],
    ['15s', 15_000],
    ['5ms', 5],
    ['1m30s', 90_000],
    ['1h', 3600_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 2 * 604_800_000 + 3 * 86_400_000 + 4 * 3600_000 + 306_007],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'x', '5 m', '-5m', '1.5h', '5s1m', 'm', '1M', 'Inf', 'NaN'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(`cannot parse "${text}" to a valid duration`);
  });

  it.each(['1e30', '-1e30', '9223372037'])('tells that %s overflows', (text) => {
    expect(() => parseDuration(text)).toThrow(`cannot parse "${text}" to a valid duration. It overflows int64`);
  });
});
