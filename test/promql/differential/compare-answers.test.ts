import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import type { QueryData } from '../../../lib/promql/result.ts';
import { answerDifference } from './compare-answers.ts';
import type { ApiResponse } from './prometheus-server.ts';

const theirs = (...values: [string, string][]): ApiResponse => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map(([a, value]) => ({ metric: { a }, value: [12.5, value] })) },
});
const ours = (...values: [string, number][]): QueryData => ({
  kind: 'vector',
  samples: values.map(([a, value]) => ({ labels: Labels.from({ a }), timestamp: 12_500, value })),
});

describe('two answers', () => {
  it.each([
    ['equal', theirs(['1', '3'], ['2', 'NaN']), ours(['2', Number.NaN], ['1', 3]), false, undefined],
    ['a last digit', theirs(['1', '0.30000000000000004']), ours(['1', 0.3]), false, undefined],
    ['infinities', theirs(['1', '+Inf'], ['2', '-Inf']), ours(['1', Infinity], ['2', -Infinity]), false, undefined],
    ['another value', theirs(['1', '1000000']), ours(['1', 1_000_000.01]), false, '{a="1"} at 12.5: 1000000.01'],
    ['the other infinity', theirs(['1', '+Inf']), ours(['1', -Infinity]), false, '-Infinity, Prometheus says +Inf'],
    ['one too few', theirs(['1', '3'], ['2', '4']), ours(['1', 3]), false, 'we lack {a="2"}'],
    ['one too many', theirs(['1', '3']), ours(['1', 3], ['2', 4]), false, 'we have {a="2"}'],
    [
      'another order',
      theirs(['1', '3'], ['2', '4']),
      ours(['2', 4], ['1', 3]),
      true,
      'at position 0 comes 4, in Prometheus 3',
    ],
    [
      'another type',
      theirs(['1', '3']),
      { kind: 'scalar', timestamp: 12_500, value: 3 } as const,
      false,
      'we answer a scalar',
    ],
    ['only we fail', theirs(['1', '3']), new Error('no'), false, 'we fail (Error: no)'],
    ['only they fail', { status: 'error', error: 'no' } as const, ours(['1', 3]), false, 'Prometheus fails (no)'],
    ['both fail', { status: 'error', error: 'no' } as const, new Error('none'), false, undefined],
  ])('%s', (_, a, b, ordered, difference) => {
    const found = answerDifference(a, b, ordered);
    if (difference === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(difference);
  });

  it('have the same times', () => {
    const moved: QueryData = {
      kind: 'vector',
      samples: [{ labels: Labels.from({ a: '1' }), timestamp: 12_501, value: 3 }],
    };
    expect(answerDifference(theirs(['1', '3']), moved, false)).toContain('a point at 12501 ms');
  });
});
