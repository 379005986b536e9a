import { expect, it } from 'vitest';
import { parseExpr } from '../../lib/promql/parse.ts';
import { isStepInvariant } from '../../lib/promql/step-invariant.ts';

it.each([
  ['1 + 2', true],
  ['x', false],
  ['x @ 10', true],
  ['rate(x[5m] @ 10)', true],
  ['sum(x @ 10) + 1', true],
  ['x @ 10 + y', false],
  ['max_over_time((x)[5m:1m] @ 10)', true],
  ['max_over_time((x @ 10)[5m:1m])', false],
  ['topk(scalar(y), x @ 10)', false],
  ['time()', false],
  ['timestamp(x @ 10)', false],
  ['hour(x @ 10)', false],
  ['-(x @ 10)', true],
])('%s: %s', (query, expected) => {
  expect(isStepInvariant(parseExpr(query))).toBe(expected);
});
