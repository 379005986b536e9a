import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, onlyCells, scalar, vector } from './call-function.ts';

const histogram = histogramOf({ buckets: [1] });

describe('functions of one float', () => {
  it.each([
    ['abs', -2.5, 2.5],
    ['ceil', -2.5, -2],
    ['floor', -2.5, -3],
    ['round', 2.5, 3],
    ['round', -2.5, -2],
    ['sgn', -7, -1],
    ['sgn', Number.NaN, Number.NaN],
    ['sqrt', 10, 3.1622776601683795],
    ['exp', 10, 22026.465794806718],
    ['ln', 0, Number.NEGATIVE_INFINITY],
    ['log2', 8, 3],
    ['log10', 20, 1.301029995663981],
    ['log10', -1, Number.NaN],
    ['sin', 10, -0.5440211108893698],
    ['acosh', 10, 2.993222846126381],
    ['atanh', -0.1, -0.10033534773107558],
    ['rad', 10, 0.17453292519943295],
    ['deg', 10, 572.9577951308232],
  ])('%s(%d)', (name, value, expected) => {
    const [cell] = onlyCells(callFunction(name, [vector({ m: [value] })]));
    if (Number.isFinite(expected)) expect(cell).toBeCloseTo(expected, 9);
    else expect(cell).toBe(expected);
  });

  it('leave histograms and gaps out and drop the name', () => {
    const answer = callFunction('abs', [
      vector({ 'm{a=b}': [-1, histogram, undefined], h: [histogram, histogram, histogram] }),
    ]);
    expect(answer.cells).toEqual({ '{a="b"}': [1, undefined, undefined] });
  });
});

describe('clamp', () => {
  it('keeps values between its limits, step by step', () => {
    const answer = callFunction('clamp', [vector({ m: [-50, 0, 100] }), scalar(-5, -5, -5), scalar(5, 5, 50)]);
    expect(onlyCells(answer)).toEqual([-5, 0, 50]);
  });

  it('gives nothing where the limits are crossed', () => {
    expect(callFunction('clamp', [vector({ m: [1, 1] }), scalar(5, 0), scalar(-5, 9)]).cells).toEqual({
      '{}': [undefined, 1],
    });
    expect(callFunction('clamp', [vector({ m: [1] }), scalar(5), scalar(-5)]).cells).toEqual({});
  });

  it('hands NaN limits through', () => {
    expect(onlyCells(callFunction('clamp', [vector({ m: [1] }), scalar(0), scalar(Number.NaN)]))).toEqual([Number.NaN]);
  });

  it('has one-sided forms', () => {
    expect(onlyCells(callFunction('clamp_min', [vector({ m: [-50] }), scalar(-25)]))).toEqual([-25]);
    expect(onlyCells(callFunction('clamp_max', [vector({ m: [100] }), scalar(75)]))).toEqual([75]);
  });
});

describe('round', () => {
  it('rounds to a multiple, ties upwards', () => {
    const answer = callFunction('round', [vector({ m: [0.35, -0.35, 17] }), scalar(0.1, 0.1, 5)]);
    expect(onlyCells(answer).map((cell) => Number(cell).toFixed(6))).toEqual(['0.400000', '-0.300000', '15.000000']);
  });
});

describe('min_of and max_of', () => {
  it('compare scalars, NaN before all', () => {
    const of = (name: string, a: number, b: number) => callFunction(name, [scalar(a), scalar(b)]).value;
    expect(of('min_of', 3, 5)).toMatchObject({ values: Float64Array.of(3) });
    expect(of('max_of', -2, -5)).toMatchObject({ values: Float64Array.of(-2) });
    expect(of('max_of', Number.NaN, 3)).toMatchObject({ values: Float64Array.of(Number.NaN) });
  });
});
