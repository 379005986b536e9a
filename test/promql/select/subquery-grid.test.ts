import { describe, expect, it } from 'vitest';
import type { SubqueryExpr } from '../../../lib/promql/ast.ts';
import { makeGrid } from '../../../lib/promql/grid.ts';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { subqueryGrid } from '../../../lib/promql/select/subquery-grid.ts';
import { askRange, type Data } from '../ask.ts';

const DEFAULT_STEP = 60_000;

function gridAt(query: string, start: number, end = start, step = 0) {
  return subqueryGrid(parseExpr(query) as SubqueryExpr, makeGrid(start, end, step), DEFAULT_STEP);
}

describe('the grid of a subquery', () => {
  it.each([
    ['x[30s:10s]', 100_000, { start: 80_000, end: 100_000, step: 10_000, length: 3 }],
    ['x[30s:10s]', 105_000, { start: 80_000, end: 105_000, step: 10_000, length: 3 }],
    ['x[30s:10s] offset 7s', 107_000, { start: 80_000, end: 100_000, step: 10_000, length: 3 }],
    ['x[30s:7s]', 100_000, { start: 77_000, end: 100_000, step: 7000, length: 4 }],
    ['x[5m:]', 300_000, { start: 60_000, end: 300_000, step: 60_000, length: 5 }],
    ['x[30s:10s] @ 0', 500_000, { start: -20_000, end: 0, step: 10_000, length: 3 }],
    ['x[1m:5m]', 720_000, { start: 900_000, end: 720_000, step: 300_000, length: 0 }],
  ])('%s at %d', (query, time, expected) => {
    expect(gridAt(query, time)).toEqual(expected);
  });

  it('spans all windows of a range query', () => {
    expect(gridAt('x[1m:30s]', 60_000, 180_000, 60_000)).toEqual({
      start: 30_000,
      end: 180_000,
      step: 30_000,
      length: 6,
    });
  });
});

describe('subqueries', () => {
  const data: Data = { 'x{a="1"}': [1, 2, 4, 8, 16] };

  it.each([
    ['sum_over_time(x[2m:1m])', { '{a="1"}': [1, 3, 6, 12, 24] }],
    ['sum_over_time(x[2m:30s])', { '{a="1"}': [1, 4, 9, 18, 36] }],
    ['max_over_time((x * 2)[3m:1m] offset 1m)', { '{a="1"}': [null, 2, 4, 8, 16] }],
    ['sum_over_time(sum_over_time(x[2m:1m])[2m:1m])', { '{a="1"}': [1, 4, 9, 18, 36] }],
    ['last_over_time(x[2m:1m] @ 120)', { 'x{a="1"}': [4, 4, 4, 4, 4] }],
    ['last_over_time(-x[2m:1m])', undefined],
    ['last_over_time((-x)[2m:1m])', { '{a="1"}': [-1, -2, -4, -8, -16] }],
    ['count_over_time(vector(1)[3m:1m])', { '{}': [3, 3, 3, 3, 3] }],
  ])('%s', async (query, expected) => {
    if (expected === undefined) await expect(askRange(data, query, 4)).rejects.toThrow('unary expression only allowed');
    else expect(await askRange(data, query, 4)).toEqual(expected);
  });
});
