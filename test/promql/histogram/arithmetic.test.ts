import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addHistograms,
  divideHistogram,
  multiplyHistogram,
  subtractHistograms,
} from '../../../lib/promql/histogram/arithmetic.ts';
import { compactHistogram } from '../../../lib/promql/histogram/compact.ts';
import { histogramsEqual } from '../../../lib/promql/histogram/equals.ts';
import { histogramToScript } from '../../../lib/promql/histogram/format.ts';
import { IncompatibleHistogramsError } from '../../../lib/promql/histogram/incompatible.ts';
import { customHistograms, exponentialHistograms, histogramOf } from './histogram-of.ts';

describe('addHistograms', () => {
  it.each([
    ['the same layout', { buckets: [1, 2, 1] }, { buckets: [1, 0, 3] }, '{{count:8 sum:8 buckets:[2 2 4]}}'],
    ['buckets elsewhere', { buckets: [1] }, { buckets: [2], offset: 2 }, '{{count:3 sum:3 buckets:[1 0 2]}}'],
    [
      'a finer one to a coarser one',
      { schema: 0, buckets: [1, 1] },
      { schema: 1, buckets: [1, 2, 3] },
      '{{count:8 sum:8 buckets:[2 6]}}',
    ],
    [
      'a coarser one to a finer one',
      { schema: 1, buckets: [1, 2, 3] },
      { schema: 0, buckets: [1, 1] },
      '{{count:8 sum:8 buckets:[2 6]}}',
    ],
    [
      'a wider zero bucket, which takes what lies inside',
      { width: 0.001, zero: 1, buckets: [3, 1], offset: -1 },
      { width: 0.5, zero: 2 },
      '{{count:7 sum:7 z_bucket:6 z_bucket_w:0.5 buckets:[1]}}',
    ],
    [
      'custom bounds in common only',
      { bounds: [2, 4, 6], buckets: [1, 2, 5, 7] },
      { bounds: [1, 2, 3, 4], buckets: [1, 1, 1, 1, 1] },
      '{{schema:-53 count:20 sum:20 custom_values:[2 4] buckets:[3 4 13]}}',
    ],
    [
      'no custom bounds in common',
      { bounds: [1, 2], buckets: [1, 2, 3] },
      { bounds: [7, 8], buckets: [4, 5, 6] },
      '{{schema:-53 count:21 sum:21 custom_values:[] buckets:[21]}}',
    ],
  ])('adds %s', (_, a, b, expected) => {
    const { histogram } = addHistograms(histogramOf(a), histogramOf(b));
    expect(histogramToScript(histogram)).toBe(expected);
  });

  it('raises the zero threshold out of a populated bucket', () => {
    const { histogram } = addHistograms(histogramOf({ buckets: [4, 2] }), histogramOf({ width: 0.75, zero: 1 }));
    expect(histogramToScript(histogram)).toBe('{{count:7 sum:7 z_bucket:5 z_bucket_w:1 offset:1 buckets:[2]}}');
  });

  it('refuses exponential and custom buckets together', () => {
    expect(() => addHistograms(histogramOf({ buckets: [1] }), histogramOf({ bounds: [1], buckets: [1] }))).toThrow(
      IncompatibleHistogramsError,
    );
  });

  it.each([
    ['unknown', 'unknown', 'unknown', false],
    ['no', 'no', 'no', false],
    ['gauge', 'yes', 'gauge', false],
    ['no', 'gauge', 'gauge', false],
    ['no', 'unknown', 'unknown', false],
    ['unknown', 'yes', 'unknown', false],
    ['yes', 'no', 'unknown', true],
  ] as const)('makes of the hints %s and %s: %s, collision %s', (a, b, hint, collision) => {
    const sum = addHistograms(histogramOf({ hint: a }), histogramOf({ hint: b, buckets: [1] }));
    expect([sum.histogram.resetHint, sum.hintCollision]).toEqual([hint, collision]);
  });

  it('is commutative', () => {
    const pairs = fc.oneof(
      fc.tuple(exponentialHistograms, exponentialHistograms),
      fc.tuple(customHistograms, customHistograms),
    );
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const ab = compactHistogram(addHistograms(a, b).histogram);
        const ba = compactHistogram(addHistograms(b, a).histogram);
        expect(histogramsEqual(ab, ba)).toBe(true);
      }),
    );
  });

  it('counts every observation', () => {
    fc.assert(
      fc.property(exponentialHistograms, exponentialHistograms, (a, b) => {
        const { histogram } = addHistograms(a, b);
        const inBuckets = [...histogram.positiveBuckets, ...histogram.negativeBuckets, histogram.zeroCount];
        expect(inBuckets.reduce((total, count) => total + count, 0)).toBe(a.count + b.count);
        expect(histogram.count).toBe(a.count + b.count);
      }),
    );
  });

  it('changes neither operand', () => {
    const a = histogramOf({ buckets: [1, 2] });
    const b = histogramOf({ schema: 1, buckets: [3], width: 0.5 });
    const before = [histogramToScript(a), histogramToScript(b)];
    addHistograms(a, b);
    expect([histogramToScript(a), histogramToScript(b)]).toEqual(before);
  });
});

describe('subtractHistograms', () => {
  it('undoes an addition', () => {
    fc.assert(
      fc.property(exponentialHistograms, exponentialHistograms, (a, b) => {
        const { histogram: sum } = addHistograms(a, b);
        const { histogram: rest } = subtractHistograms(sum, b);
        const { histogram: expected } = addHistograms(a, multiplyHistogram(b, 0));
        expect(compactHistogram(rest).count).toBe(expected.count);
        expect(histogramsEqual(compactHistogram(rest), compactHistogram(expected))).toBe(true);
      }),
    );
  });

  it('goes below zero', () => {
    const { histogram } = subtractHistograms(histogramOf({ buckets: [1] }), histogramOf({ buckets: [3], offset: 1 }));
    expect(histogramToScript(histogram)).toBe('{{count:-2 sum:-2 buckets:[1 -3]}}');
  });

  it('tells of reconciled custom bounds', () => {
    const difference = subtractHistograms(
      histogramOf({ bounds: [1, 10], buckets: [1] }),
      histogramOf({ bounds: [1], buckets: [2] }),
    );
    expect(difference.boundsReconciled).toBe(true);
    expect(histogramToScript(difference.histogram)).toBe(
      '{{schema:-53 count:-1 sum:-1 custom_values:[1] buckets:[-1]}}',
    );
  });
});

describe('multiplyHistogram and divideHistogram', () => {
  const histogram = histogramOf({ zero: 3, width: 0.001, buckets: [3, 6], negative: [9] });

  it('scales every count', () => {
    expect(histogramToScript(multiplyHistogram(histogram, 2))).toBe(
      '{{count:42 sum:42 z_bucket:6 z_bucket_w:0.001 buckets:[6 12] n_buckets:[18]}}',
    );
    expect(histogramToScript(divideHistogram(histogram, 3))).toBe(
      '{{count:7 sum:7 z_bucket:1 z_bucket_w:0.001 buckets:[1 2] n_buckets:[3]}}',
    );
  });

  it('makes a gauge of a negative multiple', () => {
    expect(multiplyHistogram(histogram, -1).resetHint).toBe('gauge');
    expect(divideHistogram(histogram, -1).resetHint).toBe('gauge');
  });

  it('keeps no buckets over zero', () => {
    expect(histogramToScript(divideHistogram(histogram, 0))).toBe(
      '{{count:+Inf sum:+Inf z_bucket:+Inf z_bucket_w:0.001}}',
    );
  });
});
