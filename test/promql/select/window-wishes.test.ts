import { describe, expect, it } from 'vitest';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { type WishOptions, windowWishes } from '../../../lib/promql/select/window-wishes.ts';

const MINUTE = 60_000;
const AUTO: WishOptions = { step: 50 * MINUTE, defaultSubqueryStep: MINUTE, maxSourceResolution: 'auto' };

function wished(query: string, options: Partial<WishOptions> = {}): string[] {
  const features = new Set(['promql-extended-range-selectors'] as const);
  const wishes = windowWishes(parseExpr(query, { features }), { ...AUTO, ...options });
  return [...wishes.values()].map(
    ({ value, preferred, coarsest }) => `${value} ${preferred / MINUTE} ${coarsest / MINUTE}`,
  );
}

describe('windowWishes', () => {
  it.each([
    ['x', 'last 10 Infinity'],
    ['x @ 0', 'last 0 Infinity'],
    ['sum(rate(x[25m]))', 'counter 5 Infinity'],
    ['max_over_time((x[1h]))', 'max 12 Infinity'],
    ['avg_over_time(x[1h])', 'average 12 Infinity'],
    ['quantile_over_time(0.9, x[1h])', 'last 12 Infinity'],
    ['max_over_time(x[1d:10m])', 'last 2 Infinity'],
    ['max_over_time(x[1d:])', 'last 0.2 Infinity'],
  ])('of %s is %s', (query, expected) => {
    expect(wished(query)).toEqual([expected]);
  });

  it('is one for each selector', () => {
    expect(wished('sum_over_time(x[1h]) / count_over_time(x[2h])')).toEqual(['sum 12 Infinity', 'count 24 Infinity']);
  });

  it('is what a request says instead', () => {
    expect(wished('rate(x[1m])', { maxSourceResolution: 60 * MINUTE })).toEqual(['counter 60 60']);
    expect(wished('rate(x[1d])', { maxSourceResolution: 0 })).toEqual([]);
  });

  it('is none for selectors that look beyond their range', () => {
    expect(wished('rate(x[1d] anchored)')).toEqual([]);
  });
});
