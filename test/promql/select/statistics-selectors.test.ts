import { expect, it } from 'vitest';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { statisticsSelectors } from '../../../lib/promql/select/statistics-selectors.ts';

it.each([
  ['histogram_count(h)', ['h']],
  ['histogram_avg(rate(h[5m])) + h2', ['h']],
  ['histogram_sum(sum(a + b))', ['a', 'b']],
  ['histogram_count(increase(h[40m:9m]))', []],
  ['max_over_time(histogram_count(h)[5m:])', []],
  ['histogram_quantile(0.9, h)', []],
  ['histogram_count(h </ 5)', []],
  ['h', []],
])('%s', (query, expected) => {
  expect([...statisticsSelectors(parseExpr(query))].map(({ name }) => name)).toEqual(expected);
});
