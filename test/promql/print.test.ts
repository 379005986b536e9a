import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpr } from '../../lib/promql/parse.ts';
import { prettyPrint, printExpr } from '../../lib/promql/print.ts';
import type { QueryFeature } from '../../lib/promql/query-options.ts';
import { arbitraryQuery } from './arbitrary-query.ts';

const features: ReadonlySet<QueryFeature> = new Set<QueryFeature>([
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
]);

const canonical = (query: string) => printExpr(parseExpr(query, { features }));

describe('printExpr', () => {
  it.each([
    ['sum(rate(foo{b="c",a=~"d"}[5m]))by(job)', 'sum by (job) (rate(foo{a=~"d",b="c"}[5m]))'],
    ['topk without()(3,x)', 'topk without () (3, x)'],
    ['a+on(b)group_left c', 'a + on (b) group_left () c'],
    ['a>bool ignoring(b)c', 'a > bool ignoring (b) c'],
    ['x offset 90s @ 5', 'x @ 5.000 offset 1m30s'],
    ['x[365d] offset -1w', 'x[1y] offset -1w'],
    ['(x)[1h:]', '(x)[1h:]'],
    ['1e3 + 1e-7 + 5m', '1000 + 0.0000001 + 5m'],
    ['{"a.b", "c d"="e"}', '{"c d"="e",__name__="a.b"}'],
    ["'it''", undefined],
    ['a + fill(0) b', 'a + fill (0) b'],
    ['rate(x[1m+step()] anchored)', 'rate(x[1m + step()] anchored)'],
  ])('%s', (query, expected) => {
    if (expected === undefined) expect(() => canonical(query)).toThrow();
    else expect(canonical(query)).toBe(expected);
  });

  it('is read back as the same expression', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const printed = canonical(query);
        expect(canonical(printed)).toBe(printed);
      }),
      { numRuns: 500 },
    );
  });
});

describe('prettyPrint', () => {
  const pretty = (query: string) => prettyPrint(parseExpr(query));

  it('leaves what fits on one line', () => {
    expect(pretty('foo/bar')).toBe('foo / bar');
  });

  it('splits what does not', () => {
    const selector = `metric_with_a_rather_long_name{label_one="${'x'.repeat(40)}"}`;
    expect(pretty(`sum by (job) (rate(${selector}[5m])) / on (job) count(${selector})`)).toBe(
      ['  sum by (job) (', `    rate(${selector}[5m])`, '  )', '/ on (job)', `  count(${selector})`].join('\n'),
    );
  });

  it('does not print a deep expression once for each of its levels', () => {
    const depth = 900;
    const expr = parseExpr(`${'abs('.repeat(depth)}label_join(up,"d",","${',"a"'.repeat(20_000)})${')'.repeat(depth)}`);
    const began = performance.now();
    expect(prettyPrint(expr).split('\n')).toHaveLength(2 * depth + 2 + 20_003);
    // Level by level it takes a quarter of a minute.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('means the same', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const expr = parseExpr(query);
        expect(printExpr(parseExpr(prettyPrint(expr)))).toBe(printExpr(expr));
      }),
      { numRuns: 300 },
    );
  });
});
