import { describe, expect, it } from 'vitest';
import { outputLabels } from '../../lib/plan/output-labels.ts';
import { parseExpr } from '../../lib/promql/parse.ts';

const of = (expr: string) => {
  const labels = outputLabels(parseExpr(expr));
  return labels === 'any' ? 'any' : [...labels].sort().join(' ');
};

describe('the labels that an expression can give', () => {
  it.each([
    ['a', 'any'],
    ['rate(a[5m])', 'any'],
    ['sum(a)', ''],
    ['sum by (x, y) (a)', 'x y'],
    ['sum by (x, z) (sum by (x, y) (a))', 'x'],
    ['sum without (x) (a)', 'any'],
    ['sum without (x) (sum by (x, y) (a))', 'y'],
    ['topk by (x) (3, sum by (x, y) (a))', 'x y'],
    ['count_values by (x) ("v", a)', 'v x'],
    ['histogram_quantile(0.9, sum by (le, x) (a))', 'x'],
    ['label_replace(sum by (x) (a), "y", "$1", "x", "(.*)")', 'x y'],
    ['label_join(sum by (x) (a), "y", "-", "x")', 'x y'],
    ['sum by (x) (a) / on (x) group_left (z) b', 'x z'],
    ['b * on (x) group_right () sum by (x, y) (a)', 'x y'],
    ['sum by (x, y) (a) / on (x) sum by (x) (b)', 'x'],
    ['sum by (x, y) (a) / ignoring (y) sum by (x) (b)', 'x'],
    ['sum by (x) (a) or sum by (y) (b)', 'x y'],
    ['sum by (x) (a) and b', 'x'],
    ['sum by (x) (a) * 2', 'x'],
    ['-sum by (x) (a)', 'x'],
    ['vector(1)', ''],
    ['absent(a{x="1"})', 'any'],
    ['sum_over_time(sum by (x) (a)[5m:])', 'x'],
    ['1', ''],
  ])('of %s are %s', (expr, expected) => {
    expect(of(expr)).toBe(expected);
  });
});
