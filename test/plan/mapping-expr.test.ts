import { describe, expect, it } from 'vitest';
import { mappingExpr } from '../../lib/plan/mapping-expr.ts';
import { parseExpr } from '../../lib/promql/parse.ts';

describe('mappingExpr', () => {
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
    expect(mappingExpr(parseExpr(expr))).toMatchObject({ steps });
  });

  it.each([
    'sum(foo)',
    '1 - foo',
    '1 / foo',
    'foo / bar',
    'foo == 0',
    'foo or bar',
    'label_replace(rate(foo[5m]), "a", "", "b", "")',
    '2 * abs(foo)',
    'foo offset 5m',
    'foo @ 0',
    'foo * Inf',
    'foo * -0',
    'foo / (2 ^ 10)',
    '1',
    'vector(1)',
    'time()',
  ])('%s is none', (expr) => {
    expect(mappingExpr(parseExpr(expr))).toBeUndefined();
  });
});
