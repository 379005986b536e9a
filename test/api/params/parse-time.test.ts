import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TIME, MIN_TIME, parseTime } from '../../../lib/api/params/parse-time.ts';

describe('parseTime', () => {
  it.each([
    ['0', 0],
    ['4', 4000],
    ['1435781451.781', 1435781451781],
    ['1795347914.123', 1795347914123],
    ['1.0004', 1000],
    ['1.0006', 1001],
    ['-1.5', -1500],
    ['+2', 2000],
    ['.5', 500],
    ['1e3', 1_000_000],
    ['2026-11-22T11:45:44Z', Date.UTC(2026, 10, 22, 11, 45, 44)],
    ['2026-11-22T11:45:44.5Z', Date.UTC(2026, 10, 22, 11, 45, 44, 500)],
    ['2026-11-22T11:45:44.123999999Z', Date.UTC(2026, 10, 22, 11, 45, 44, 123)],
    ['2026-11-22T13:45:44+02:00', Date.UTC(2026, 10, 22, 11, 45, 44)],
    ['2026-11-22T06:15:44-05:30', Date.UTC(2026, 10, 22, 11, 45, 44)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('%s is %d ms', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each([
    ['-292273086-05-16T16:47:06Z', MIN_TIME],
    ['292277025-08-18T07:12:54.999999999Z', MAX_TIME],
    ['-9223309901257974', MIN_TIME],
    ['9223309901257974.999', MAX_TIME],
    ['1795347914123', 1795347914123000],
  ])('clamps %s to what a clock can show', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each([
    '',
    'abc',
    'now',
    'NaN',
    'Inf',
    '1e400',
    '0x10',
    '1_000',
    '1.5.5',
    '2026-11-22',
    '2026-11-22 11:45:44Z',
    '2026-11-22T11:45:44',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T11:60:00Z',
    '2026-11-22T11:45:44+02:60',
  ])('refuses %j', (text) => {
    expect(() => parseTime(text)).toThrow(`cannot parse "${text}" to a valid timestamp`);
  });

  it('reads every millisecond back from either form', () => {
    const anyTime = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(anyTime, (ms) => {
        expect(parseTime(String(ms / 1000))).toBe(ms);
        expect(parseTime(new Date(ms).toISOString())).toBe(ms);
      }),
    );
  });
});
