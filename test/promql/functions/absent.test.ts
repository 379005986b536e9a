import { describe, expect, it } from 'vitest';
import { Matcher } from '../../../lib/model/matcher.ts';
import { callFunction, gridOf, matchers, matrix, vector } from './call-function.ts';

describe('absent', () => {
  it('is 1 where nothing is', () => {
    expect(callFunction('absent', [vector({ a: [1, undefined], b: [undefined, undefined] })]).cells).toEqual({
      '{}': [undefined, 1],
    });
    expect(callFunction('absent', [vector({})], { grid: gridOf(2) }).cells).toEqual({ '{}': [1, 1] });
  });

  it('carries the labels that one equality names', () => {
    const selector = matchers(
      new Matcher('=', '__name__', 'up'),
      new Matcher('=', 'job', 'api'),
      new Matcher('=~', 'path', '/x|/y'),
      new Matcher('=', 'twice', 'a'),
      new Matcher('=', 'twice', 'b'),
    );
    expect(Object.keys(callFunction('absent', [vector({})], selector).cells)).toEqual(['{job="api"}']);
  });
});

describe('absent_over_time', () => {
  it('looks at every window', () => {
    const window = matrix(
      [
        [0, 1],
        [30, Number.NaN],
      ],
      10,
      [5, 15, 30, 45],
    );
    expect(callFunction('absent_over_time', [window]).cells).toEqual({ '{}': [undefined, 1, undefined, 1] });
  });
});
