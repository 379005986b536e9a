import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FloatColumnBuilder } from '../../lib/storage/float-column-builder.ts';

const sample = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -2, max: 2 }), fc.constantFrom(0, 0, 7));

describe('FloatColumnBuilder', () => {
  it('gives the same column for any order and any repetition', () => {
    const twoOrders = fc
      .array(sample)
      .chain((samples) =>
        fc.tuple(
          fc.constant(samples),
          fc.shuffledSubarray([...samples, ...samples], { minLength: samples.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(twoOrders, ([some, other]) => {
        expect(build(some)).toEqual(build(other));
      }),
    );
  });

  it('ascends strictly, whenever it is looked at', () => {
    fc.assert(
      fc.property(fc.array(sample), fc.array(sample), (first, second) => {
        const builder = new FloatColumnBuilder();
        for (const one of first) builder.push(...one);
        builder.build();
        for (const one of second) builder.push(...one);
        const times = [...builder.build().timestamps];
        expect(times).toEqual([...new Set([...first, ...second].map(([time]) => time))].sort((a, b) => a - b));
        expect(builder.length).toBe(times.length);
      }),
    );
  });

  it('cuts inclusively', () => {
    const builder = new FloatColumnBuilder();
    for (const time of [10, 20, 30]) builder.push(time, time);
    expect([...builder.build(10, 20).timestamps]).toEqual([10, 20]);
    expect([...builder.build(11, 19).timestamps]).toEqual([]);
    expect([builder.has(11, 19), builder.has(20, 20), builder.has(31, 99), builder.has(0, 9)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  it('hands out columns that later samples do not change', () => {
    const builder = new FloatColumnBuilder();
    for (const [time, value] of [
      [10, 1],
      [20, 2],
    ] as const)
      builder.push(time, value);
    const column = builder.build();
    for (const [time, value] of [
      [20, 3],
      [30, 4],
      [5, 5],
      [10, 9],
    ] as const)
      builder.push(time, value, 1);
    expect([[...column.timestamps], [...column.values], column.startTimestamps]).toEqual([[10, 20], [1, 2], undefined]);
    expect([...builder.build().timestamps]).toEqual([5, 10, 20, 30]);
  });
});

function build(samples: readonly [number, number, number][]) {
  const builder = new FloatColumnBuilder();
  for (const one of samples) builder.push(...one);
  return builder.build();
}
