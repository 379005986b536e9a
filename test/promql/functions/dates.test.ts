import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, gridOf, onlyCells, vector } from './call-function.ts';

describe('parts of a time', () => {
  it('are those of the UTC calendar', () => {
    const times = fc.integer({ min: -62_000_000_000, max: 250_000_000_000 });
    fc.assert(
      fc.property(times, (seconds) => {
        const date = new Date(seconds * 1000);
        const of = (name: string) => onlyCells(callFunction(name, [vector({ m: [seconds] })]))[0];
        const year = date.getUTCFullYear();
        const january = Date.UTC(2000, 0, 1) + (new Date(date).setUTCMonth(0, 1) - Date.UTC(2000, 0, 1));
        expect([of('year'), of('month'), of('day_of_month')]).toEqual([
          year,
          date.getUTCMonth() + 1,
          date.getUTCDate(),
        ]);
        expect([of('hour'), of('minute'), of('day_of_week')]).toEqual([
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCDay(),
        ]);
        expect(of('day_of_year')).toBe(Math.floor((date.getTime() - startOfDay(january)) / 86_400_000) + 1);
        expect(of('days_in_month')).toBe(
          new Date(new Date(0).setUTCFullYear(year, date.getUTCMonth() + 1, 0)).getUTCDate(),
        );
      }),
    );
  });

  it('are of the evaluation time without argument', () => {
    const answer = callFunction('minute', [], { grid: gridOf(3, 59_000, 60_000) });
    expect(answer.cells).toEqual({ '{}': [0, 1, 2] });
  });

  it('leave histograms out and give NaN for no time at all', () => {
    expect(callFunction('year', [vector({ m: [histogramOf()] })]).cells).toEqual({});
    expect(onlyCells(callFunction('year', [vector({ m: [Number.NaN, Number.POSITIVE_INFINITY] })]))).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });
});

function startOfDay(time: number): number {
  return Math.floor(time / 86_400_000) * 86_400_000;
}
