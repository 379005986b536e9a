import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../../lib/promql/errors.ts';
import { callFunction, gridOf, matrix, onlyCells, scalar } from './call-function.ts';

describe('deriv and predict_linear', () => {
  it('find any line', () => {
    const line = fc.record({ slope: fc.integer({ min: -50, max: 50 }), start: fc.integer({ min: -1000, max: 1000 }) });
    fc.assert(
      fc.property(line, fc.uniqueArray(fc.nat(500), { minLength: 2, maxLength: 20 }), ({ slope, start }, times) => {
        const samples = times.sort((a, b) => a - b).map((time) => [time, start + slope * time] as const);
        const window = matrix(samples, 1000, [600]);
        expect(onlyCells(callFunction('deriv', [window]))[0]).toBeCloseTo(slope, 6);
        const grid = gridOf(1, 600_000);
        const [predicted] = onlyCells(callFunction('predict_linear', [window, scalar(60)], { grid }));
        expect(predicted).toBeCloseTo(start + slope * 660, 3);
      }),
    );
  });

  it('predict from the evaluation time, not from the end of a window moved by @', () => {
    const window = matrix(
      [
        [0, 0],
        [100, 100],
      ],
      200,
      [100],
    );
    expect(
      onlyCells(callFunction('predict_linear', [window, scalar(10)], { grid: gridOf(1, 500_000) }))[0],
    ).toBeCloseTo(510, 9);
  });

  it('give NaN for a constant infinity and nothing for one sample', () => {
    const infinite = matrix(
      [
        [0, Number.POSITIVE_INFINITY],
        [10, Number.POSITIVE_INFINITY],
      ],
      60,
      [10],
    );
    expect(onlyCells(callFunction('deriv', [infinite]))).toEqual([Number.NaN]);
    expect(callFunction('deriv', [matrix([[0, 1]], 60, [10])]).cells).toEqual({});
  });
});

describe('double_exponential_smoothing', () => {
  const samples = Array.from({ length: 7 }, (_, i) => [10 * i, 100 * i] as const);

  it('follows a steady trend', () => {
    const smoothed = callFunction('double_exponential_smoothing', [
      matrix(samples, 100, [60]),
      scalar(0.01),
      scalar(0.1),
    ]);
    expect(onlyCells(smoothed)[0]).toBeCloseTo(600, 9);
  });

  it.each([
    [0, 0.5, 'invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000'],
    [1, 0.5, 'invalid smoothing factor. Expected: 0 < sf < 1, got: 1.000000'],
    [0.5, 2, 'invalid trend factor. Expected: 0 < tf < 1, got: 2.000000'],
  ])('refuses the factors %d and %d', (level, trend, message) => {
    const call = () =>
      callFunction('double_exponential_smoothing', [matrix(samples, 100, [60]), scalar(level), scalar(trend)]);
    expect(call).toThrow(ExecutionError);
    expect(call).toThrow(message);
  });
});
