import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import { histogramToScript } from '../../../lib/promql/histogram/format.ts';
import type { MatrixValue, Value } from '../../../lib/promql/value.ts';
import { exponentialHistograms } from '../histogram/histogram-of.ts';
import { type Cell, callFunction, gridOf, matrix, scalar } from './call-function.ts';

const RANGE_FUNCTIONS = [
  'avg_over_time',
  'changes',
  'count_over_time',
  'delta',
  'deriv',
  'first_over_time',
  'idelta',
  'increase',
  'irate',
  'last_over_time',
  'mad_over_time',
  'max_over_time',
  'min_over_time',
  'present_over_time',
  'rate',
  'resets',
  'stddev_over_time',
  'stdvar_over_time',
  'sum_over_time',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
  'ts_of_max_over_time',
  'ts_of_min_over_time',
];
const EXTENDED_FUNCTIONS = ['increase', 'rate', 'delta'];

const values = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -3, 1e300) },
);

const samples = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 600 }), value), { selector: ([time]) => time, maxLength: 40 })
    .map((list) => list.sort(([a], [b]) => a - b));

describe('functions of windows', () => {
  it.each(RANGE_FUNCTIONS)('%s slides to the same answers as looking at every window anew', (name) => {
    const content = fc.oneof(
      { weight: 4, arbitrary: samples<number | FloatHistogram>(values) },
      { weight: 1, arbitrary: samples<number | FloatHistogram>(fc.oneof(values, exponentialHistograms)) },
    );
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 200 }), (list, range) => {
        expectSameAnswers(name, (ends) => matrix(list, range, ends));
      }),
      { numRuns: 40 },
    );
  });

  it.each(EXTENDED_FUNCTIONS)('%s slides over smoothed and anchored windows too', (name) => {
    const content = fc.oneof(
      samples<number | FloatHistogram>(fc.integer({ min: 0, max: 50 })),
      samples<number | FloatHistogram>(exponentialHistograms),
    );
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 200 }), fc.boolean(), (list, range, smoothed) => {
        const extension = smoothed ? 'smoothed' : 'anchored';
        expectSameAnswers(name, (ends) => matrix(list, range, ends, { extension, lookbackDelta: 100_000 }));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['quantile_over_time', (window: MatrixValue) => [scalarFor(window, 0.3), window]],
    ['predict_linear', (window: MatrixValue) => [window, scalarFor(window, 60)]],
    ['double_exponential_smoothing', (window: MatrixValue) => [window, scalarFor(window, 0.5), scalarFor(window, 0.1)]],
  ] as const)('%s slides as well', (name, args) => {
    fc.assert(
      fc.property(samples(values), fc.integer({ min: 1, max: 200 }), (list, range) => {
        expectSameAnswers(name, (ends) => matrix(list, range, ends), args);
      }),
      { numRuns: 40 },
    );
  });

  it('sees windows without their left end', () => {
    const { cells } = callFunction('count_over_time', [
      matrix(
        [
          [0, 1],
          [10, 1],
          [20, 1],
        ],
        10,
        [0, 10, 20, 25, 40],
      ),
    ]);
    expect(Object.values(cells)).toEqual([[1, 1, 1, 1, undefined]]);
  });

  it('repeats itself where windows stand still, as under @', () => {
    const { cells } = callFunction('sum_over_time', [
      matrix(
        [
          [0, 1],
          [10, 2],
          [20, 4],
        ],
        15,
        [20, 20, 20],
      ),
    ]);
    expect(Object.values(cells)).toEqual([[6, 6, 6]]);
  });
});

function expectSameAnswers(
  name: string,
  windows: (ends: number[]) => MatrixValue,
  args: (window: MatrixValue) => readonly Value[] = (window) => [window],
): void {
  const ends = Array.from({ length: 45 }, (_, i) => 15 * i);
  const grid = gridOf(ends.length, 0, 15_000);
  const slid = callFunction(name, args(windows(ends)), { grid });
  const anew = ends.map((end) => {
    const cells = callFunction(name, args(windows([end])), { grid: gridOf(1, end * 1000) }).cells;
    return Object.values(cells)[0]?.[0];
  });
  const slidCells = Object.values(slid.cells)[0] ?? ends.map(() => undefined);
  expect(slidCells.map(readable)).toEqual(anew.map(readable));
}

function scalarFor(window: MatrixValue, value: number) {
  return scalar(...window.ends.map(() => value));
}

function readable(cell: Cell): number | string | undefined {
  return typeof cell === 'object' ? histogramToScript(cell) : cell;
}
