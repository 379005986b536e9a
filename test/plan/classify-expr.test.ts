import { describe, expect, it } from 'vitest';
import { classifyExpr } from '../../lib/plan/classify-expr.ts';
import { parseExpr } from '../../lib/promql/parse.ts';

describe('classifyExpr', () => {
  it.each([
    ['foo', []],
    ['foo{a="b"}', []],
    ['{__name__=~"foo|bar"}', []],
    ['(foo)', []],
    ['+foo', []],
    ['-foo', [{ kind: 'multiply', operand: -1 }]],
    ['foo * 1000', [{ kind: 'multiply', operand: 1000 }]],
    ['1e3 * foo', [{ kind: 'multiply', operand: 1000 }]],
    ['foo / 1000', [{ kind: 'divide', operand: 1000 }]],
    ['foo * (60 * 60 - 1)', [{ kind: 'multiply', operand: 3599 }]],
    [
      '(foo / 8) * -2',
      [
        { kind: 'divide', operand: 8 },
        { kind: 'multiply', operand: -2 },
      ],
    ],
    [
      'label_replace(foo, "a", "$1", "b", "(.*)")',
      [{ kind: 'label_replace', targetLabel: 'a', replacement: '$1', sourceLabel: 'b', regex: '(.*)' }],
    ],
    [
      'label_join(foo / 2, "a", "-", "b", "c")',
      [
        { kind: 'divide', operand: 2 },
        { kind: 'label_join', targetLabel: 'a', separator: '-', sourceLabels: ['b', 'c'] },
      ],
    ],
  ])('%s is a mapping', (expr, steps) => {
    expect(classifyExpr(parseExpr(expr))).toMatchObject({ kind: 'mapping', steps });
  });

  it.each([
    ['sum(foo)', 'aggregation sum', 0],
    ['1 - foo', 'operator - with a constant', 0],
    ['1 / foo', 'operator / with a constant', 0],
    ['foo / bar', 'operator / between two expressions', 0],
    ['foo == 0', 'operator == with a constant', 0],
    ['foo or bar', 'operator or between two expressions', 0],
    ['label_replace(rate(foo[5m]), "a", "", "b", "")', 'function rate()', 14],
    ['2 * abs(foo)', 'function abs()', 4],
    ['foo offset 5m', 'offset', 0],
    ['foo @ 0', 'the @ modifier', 0],
    ['foo * Inf', 'scaling by Infinity', 0],
    ['foo * -0', 'scaling by -0', 0],
    ['foo / (2 ^ 10)', 'operator / between two expressions', 0],
    ['1', 'a constant, which selects no series', 0],
    ['vector(1)', 'function vector()', 0],
    ['time()', 'function time()', 0],
  ])('%s is derived: %s', (expr, operation, offset) => {
    expect(classifyExpr(parseExpr(expr))).toEqual({ kind: 'derived', operation, offset });
  });
});
