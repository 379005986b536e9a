import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { scatterFloats } from '../../../lib/storage/dynamodb/scatter-floats.ts';
import { FloatColumnBuilder } from '../../../lib/storage/float-column-builder.ts';

const SERIES = 4;
const sample = fc.record({
  timestamp: fc.integer({ min: 0, max: 12 }),
  value: fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(-0, Number.NaN, 'stale' as const, Number.POSITIVE_INFINITY),
  ),
  start: fc.constantFrom(0, 0, 5),
});
const column = fc.uniqueArray(sample, { selector: ({ timestamp }) => timestamp, maxLength: 6 });
/** Blocks of one commit each: some of the series, each with ascending samples. */
const blocks = fc.array(fc.dictionary(fc.nat(SERIES - 1).map(String), column, { maxKeys: SERIES }), { maxLength: 5 });

const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: SERIES });

describe('scatterFloats', () => {
  it('gives each series what a builder of its own would', () => {
    fc.assert(
      fc.property(order, blocks, fc.nat(12), (order, written, oldest) => {
        const of = scatterFloats(Uint32Array.from(order), written.map(toPlaced), oldest);
        for (let series = 0; series < SERIES; series++) {
          const builder = new FloatColumnBuilder();
          for (const block of written) {
            for (const { timestamp, value, start } of sorted(block[series]))
              builder.push(timestamp, value === 'stale' ? STALE_NAN : value, start);
          }
          expect(bytesOf(of(series))).toEqual(bytesOf(builder.build(oldest)));
        }
      }),
    );
  });

  it('keeps every bit of a value', () => {
    const values = new Float64Array(2);
    const bits = new BigUint64Array(values.buffer);
    bits.set([0x7ff4_0000_dead_beefn, 0xfff8_0000_0000_0001n]);
    const columns = { offsets: Uint32Array.of(0, 1, 2), timestamps: Float64Array.of(7, 7), values };
    const of = scatterFloats(Uint32Array.of(0, 1), [{ columns, places: Uint32Array.of(1, 0) }], 0);
    expect([of(1), of(0)].map((found) => new BigUint64Array(found.values.slice().buffer)[0])).toEqual([...bits]);
  });
});

type Block = Readonly<Record<string, readonly { timestamp: number; value: number | 'stale'; start: number }[]>>;

function sorted(samples: Block[string] = []) {
  return samples.toSorted((a, b) => a.timestamp - b.timestamp);
}

function toPlaced(block: Block) {
  const entries = Object.entries(block);
  const samples = entries.flatMap(([, column]) => sorted(column));
  const offsets = new Uint32Array(entries.length + 1);
  for (const [i, [, column]] of entries.entries()) offsets[i + 1] = (offsets[i] as number) + column.length;
  const values = new Float64Array(samples.length);
  for (const [i, { value }] of samples.entries()) values[i] = value === 'stale' ? STALE_NAN : value;
  const startTimestamps = Float64Array.from(samples, ({ start }) => start);
  return {
    columns: {
      offsets,
      timestamps: Float64Array.from(samples, ({ timestamp }) => timestamp),
      values,
      ...(startTimestamps.some((start) => start > 0) && { startTimestamps }),
    },
    places: Uint32Array.from(entries, ([series]) => Number(series)),
  };
}

function bytesOf({ timestamps, values, startTimestamps }: ReturnType<FloatColumnBuilder['build']>) {
  const words = (numbers: Float64Array) => [...new BigUint64Array(numbers.slice().buffer)].map(String);
  return [words(timestamps), words(values), startTimestamps && words(startTimestamps)];
}
