import { expect, it } from 'vitest';
import { parseExpr } from '../../lib/promql/parse.ts';
import { selectorsOf, unwrapParens, walk } from '../../lib/promql/walk.ts';

it('visits parents before children, in the order written', () => {
  const kinds = [...walk(parseExpr('topk(3, rate(a[5m])) + -(b)'))].map(({ kind }) => kind);
  expect(kinds).toEqual([
    'binaryExpr',
    'aggregation',
    'numberLiteral',
    'call',
    'matrixSelector',
    'vectorSelector',
    'unaryExpr',
    'parenExpr',
    'vectorSelector',
  ]);
});

it('finds every selector', () => {
  const names = selectorsOf(parseExpr('a + rate(b[5m]) / max_over_time(sum(c)[1h:])')).map(({ name }) => name);
  expect(names).toEqual(['a', 'b', 'c']);
});

it('looks through parentheses', () => {
  expect(unwrapParens(parseExpr('((("a")))')).kind).toBe('stringLiteral');
});

it('visits as many arguments as a query can hold', () => {
  const expr = parseExpr(`label_join(up,"d",","${',""'.repeat(240_000)})`);
  expect([...walk(expr)]).toHaveLength(240_004);
});
