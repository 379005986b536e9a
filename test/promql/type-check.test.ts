import { describe, expect, it } from 'vitest';
import { exprType } from '../../lib/promql/expr-type.ts';
import { parseExpr } from '../../lib/promql/parse.ts';
import type { QueryFeature } from '../../lib/promql/query-options.ts';

const features: ReadonlySet<QueryFeature> = new Set<QueryFeature>([
  'promql-experimental-functions',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
]);

describe('checkTypes', () => {
  it.each([
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{a=""}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['x{__name__="y"}', '1:1: parse error: metric name must not be set twice: "x" or "y"'],
    ['{"x", __name__="y"}', '1:1: parse error: metric name must not be set twice: "x" or "y"'],
    ['rate(x)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['abs(x[5m])', '1:5: parse error: expected type instant vector in call to function "abs", got range vector'],
    ['floor()', '1:1: parse error: expected 1 argument(s) in call to "floor", got 0'],
    ['hour(x, y)', '1:1: parse error: expected at most 1 argument(s) in call to "hour", got 2'],
    ['label_join(x)', '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1'],
    ['time(1)', '1:1: parse error: expected 0 argument(s) in call to "time", got 1'],
    ['topk(x, y)', '1:6: parse error: expected type scalar in aggregation parameter, got instant vector'],
    ['count_values(5, y)', '1:14: parse error: expected type string in aggregation parameter, got scalar'],
    ['sum(1)', '1:5: parse error: expected type instant vector in aggregation expression, got scalar'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:3: parse error: bool modifier can only be used on comparison operators'],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['a or on(b) group_left(c) d', '1:1: parse error: no grouping allowed for "or" operation'],
    ['a + on(b) 1', '1:1: parse error: vector matching only allowed between instant vectors'],
    ['a + on(b) group_left(b) c', '1:3: parse error: label "b" must not occur in ON and GROUP clause at once'],
    ['a + x[5m]', '1:5: parse error: binary expression must contain only scalar and instant vector types'],
    ['"s" * 2', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    [
      '-"s"',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    ],
    ['(1)[5m:1m]', '1:1: parse error: subquery is only allowed on instant vector, got scalar instead'],
    ['info(x, y)', '1:9: parse error: expected label selectors only, got vector selector instead'],
    ['info(x, 1)', '1:9: parse error: expected type instant vector in call to function "info", got scalar'],
  ])('%s', (query, message) => {
    expect(() => parseExpr(query, { features })).toThrow(expect.objectContaining({ name: 'ParseError', message }));
  });

  it.each([
    ['1 + 2', 'scalar'],
    ['1 < bool 2', 'scalar'],
    ['-(1)', 'scalar'],
    ['a * 2', 'vector'],
    ['sum(a)', 'vector'],
    ['scalar(a)', 'scalar'],
    ['a[5m]', 'matrix'],
    ['(a)[5m:]', 'matrix'],
    ['("s")', 'string'],
    ['info(a, {})', 'vector'],
    ['hour()', 'vector'],
    ['rate(a[5m] anchored)', 'vector'],
  ])('%s is a %s', (query, type) => {
    expect(exprType(parseExpr(query, { features }))).toBe(type);
  });
});
