import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import {
  downsampleFloats,
  FLOAT_AGGREGATES,
  type FloatWindows,
} from '../../../lib/storage/downsampling/downsample-floats.ts';
import { spell } from '../../suites/storage-fixture.ts';

const WIDTH = 100;
const ALL = { mint: 0, maxt: 1e9 };

function columnOf(samples: readonly (readonly [time: number, value: number])[]) {
  const values = new Float64Array(samples.length);
  for (const [i, [, value]] of samples.entries()) values[i] = value;
  return { timestamps: Float64Array.from(samples, ([time]) => time), values };
}

/** `time=value` of each entry, by aggregate. */
function spelled(windows: FloatWindows): Record<string, string> {
  return Object.fromEntries(
    FLOAT_AGGREGATES.flatMap((aggregate) => {
      const column = windows[aggregate];
      if (column === undefined) return [];
      return [
        [
          aggregate,
          Array.from(column.timestamps, (time, i) => `${time}=${spell(column.values[i] as number)}`).join(' '),
        ],
      ];
    }),
  );
}

describe('downsampleFloats', () => {
  it('keeps of a window what functions of ranges ask for', () => {
    const column = columnOf([
      [101, 3],
      [150, 7],
      [160, 1],
      [170, 4],
      [200, 2],
    ]);
    expect(spelled(downsampleFloats(column, WIDTH, ALL))).toEqual({
      counts: '200=5',
      sums: '200=17',
      mins: '200=1',
      maxs: '200=7',
      lasts: '200=2',
      firsts: '101=3',
      amounts: '200=11',
      numbers: '200=2',
    });
  });

  it('needs no first of a window with one sample, and no falls where there are none', () => {
    const windows = downsampleFloats(
      columnOf([
        [100, 1],
        [101, 5],
        [301, 6],
        [302, 6],
      ]),
      WIDTH,
      ALL,
    );
    expect(spelled(windows)).toMatchObject({
      counts: '100=1 200=1 400=2',
      lasts: '100=1 101=5 302=6',
      firsts: '301=6',
    });
    expect(windows.amounts).toBeUndefined();
  });

  it('leaves stale markers out of sums, and keeps one that a window ends with', () => {
    const column = columnOf([
      [110, 5],
      [120, STALE_NAN],
      [130, 6],
      [210, STALE_NAN],
      [310, 1],
      [320, STALE_NAN],
    ]);
    expect(spelled(downsampleFloats(column, WIDTH, ALL))).toMatchObject({
      counts: '200=2 400=1',
      sums: '200=11 400=1',
      lasts: '130=6 210=stale 310=1 320=stale',
    });
  });

  it('takes NaN as PromQL does: least and greatest pass over it, a sum does not', () => {
    const windows = downsampleFloats(
      columnOf([
        [110, Number.NaN],
        [120, 2],
        [210, Number.NaN],
      ]),
      WIDTH,
      ALL,
    );
    expect(spelled(windows)).toMatchObject({ sums: '200=NaN 300=NaN', mins: '200=2 300=NaN', maxs: '200=2 300=NaN' });
  });

  it('takes what lies in the range', () => {
    const column = columnOf([
      [100, 1],
      [101, 2],
      [200, 3],
      [201, 4],
    ]);
    expect(spelled(downsampleFloats(column, WIDTH, { mint: 101, maxt: 200 }))).toMatchObject({
      counts: '200=2',
      sums: '200=5',
    });
  });

  it('gives a counter its increase within each window, whatever the resets', () => {
    const values = fc.array(fc.nat({ max: 9 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(values, (samples) => {
        const { firsts, lasts, amounts } = downsampleFloats(
          columnOf(samples.map((value, i) => [101 + i, value])),
          WIDTH,
          ALL,
        );
        const increase = (lasts?.values[0] as number) - (firsts?.values[0] as number) + (amounts?.values[0] ?? 0);
        const expected = samples.slice(1).reduce((sum, value, i) => {
          const before = samples[i] as number;
          return sum + (value < before ? value : value - before);
        }, 0);
        expect(increase).toBe(expected);
      }),
    );
  });
});
