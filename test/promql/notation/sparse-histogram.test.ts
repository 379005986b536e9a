import { describe, expect, it } from 'vitest';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import { Cursor } from '../../../lib/promql/notation/cursor.ts';
import { readHistogramLiteral } from '../../../lib/promql/notation/histogram-literal.ts';
import { addSparse, fromSparse, toSparse } from '../../../lib/promql/notation/sparse-histogram.ts';
import { histogramDifference } from '../script/histogram-difference.ts';

const histogram = (fields: string): FloatHistogram => readHistogramLiteral(new Cursor(`{{${fields}}}`)).histogram;
const sum = (a: string, b: string) => fromSparse(addSparse(toSparse(histogram(a)), toSparse(histogram(b)), 1));
const difference = (a: string, b: string, hint = false) => histogramDifference(histogram(a), histogram(b), hint);

describe('sums of series lines', () => {
  it.each([
    ['count:1 buckets:[1]', 'count:2 buckets:[2] offset:3', 'count:3 buckets:[1 0 0 2]'],
    ['schema:0 buckets:[1] offset:1', 'schema:1 buckets:[1 1 1] offset:1', 'schema:0 buckets:[3 1] offset:1'],
    ['schema:0 buckets:[1] offset:-1', 'schema:1 buckets:[1 1 1] offset:-2', 'schema:0 buckets:[2 2] offset:-1'],
    [
      'z_bucket:1 z_bucket_w:1 buckets:[2] offset:1',
      'z_bucket:1 buckets:[5 3]',
      'z_bucket:7 z_bucket_w:1 buckets:[5] offset:1',
    ],
    [
      'schema:-53 custom_values:[1 2] buckets:[1 1]',
      'schema:-53 custom_values:[1 2] buckets:[0 0 4]',
      'schema:-53 custom_values:[1 2] buckets:[1 1 4]',
    ],
  ])('%s + %s', (a, b, expected) => {
    expect(histogramDifference(histogram(expected), sum(a, b), false)).toBeUndefined();
  });

  it('refuse what has no sum', () => {
    expect(() => sum('schema:1', 'schema:0')).toThrow('cannot add a histogram of schema 0 to one of schema 1');
    expect(() => sum('schema:-53 custom_values:[1]', 'schema:-53 custom_values:[2]')).toThrow(
      'different custom bounds',
    );
  });
});

describe('a comparison', () => {
  it.each([
    ['count:1 buckets:[1 0 0]', 'count:1 buckets:[0 1] offset:-1', undefined],
    ['sum:1', 'sum:1.0000001', undefined],
    ['sum:1', 'sum:1.01', 'sum 1.01, not 1'],
    ['count:2', 'count:3', 'count 3, not 2'],
    ['schema:1', 'schema:2', 'schema 2, not 1'],
    ['buckets:[1 1]', 'buckets:[1 2]', 'bucket +1 2, not 1'],
    ['n_buckets:[1]', 'buckets:[1]', 'bucket +0 1, not 0'],
    ['z_bucket_w:0.1', 'z_bucket_w:0.2', 'zero threshold 0.2, not 0.1'],
    ['schema:-53 custom_values:[1]', 'schema:-53 custom_values:[2]', 'custom bounds [2], not [1]'],
    ['counter_reset_hint:gauge', 'sum:0', undefined],
  ])('%s, %s', (a, b, reason) => {
    expect(difference(a, b)).toBe(reason);
  });

  it('looks at the reset hint where it is asked to', () => {
    expect(difference('counter_reset_hint:gauge', 'sum:0', true)).toBe('reset hint unknown, not gauge');
  });
});
