import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, text, vector } from './call-function.ts';

const keys = (name: string, series: Parameters<typeof vector>[0], ...args: string[]) =>
  Object.keys(callFunction(name, [vector(series), ...args.map(text)]).cells);

describe('sort and sort_desc', () => {
  const series = { b: [2], nan: [Number.NaN], c: [3], a: [1], h: [histogramOf()] };

  it('order by value, NaN last, without histograms', () => {
    expect(keys('sort', series)).toEqual(['a', 'b', 'c', 'nan']);
    expect(keys('sort_desc', series)).toEqual(['c', 'b', 'a', 'nan']);
  });

  it('mark the order of an instant query', () => {
    expect(callFunction('sort', [vector({ a: [1] })]).value).toMatchObject({ ordered: true });
  });

  it('only warn in a range query', () => {
    const answer = callFunction('sort', [vector({ b: [2, 1], a: [1, 2] })]);
    expect(Object.keys(answer.cells)).toEqual(['b', 'a']);
    expect(answer.value).not.toHaveProperty('ordered');
    expect(answer.warnings).toEqual([
      'PromQL warning: sort is ineffective for range queries since results are always ordered by labels (1:1)',
    ]);
  });
});

describe('sort_by_label and sort_by_label_desc', () => {
  it('order numbers in labels as numbers', () => {
    const series = { 'm{i=4m600}': [1], 'm{i=4m1000}': [1], 'm{i=4m5}': [1] };
    expect(keys('sort_by_label', series, 'i')).toEqual(['m{i="4m5"}', 'm{i="4m600"}', 'm{i="4m1000"}']);
    expect(keys('sort_by_label_desc', series, 'i')).toEqual(['m{i="4m1000"}', 'm{i="4m600"}', 'm{i="4m5"}']);
  });

  it('go on to the next label, then to all labels', () => {
    const series = { 'm{a=1,b=2}': [1], 'm{a=1,b=1,z=9}': [1], 'm{a=1,b=1,z=10}': [1], 'm{a=0,b=3}': [1] };
    expect(keys('sort_by_label', series, 'a', 'b')).toEqual([
      'm{a="0", b="3"}',
      'm{a="1", b="1", z="10"}',
      'm{a="1", b="1", z="9"}',
      'm{a="1", b="2"}',
    ]);
  });
});
