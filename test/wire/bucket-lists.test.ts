import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { type BucketFields, type BucketLists, newBucketLists, readBuckets } from '../../lib/wire/bucket-lists.ts';
import { PlainReader } from './plain-reader.ts';

const FIELDS: BucketFields = {
  first: 20,
  negative: { spans: 'n_spans', deltas: 'n_deltas', counts: 'n_counts' },
  positive: { spans: 'p_spans', deltas: 'p_deltas', counts: 'p_counts' },
};

describe('readBuckets', () => {
  it('reads the lists that were written, wherever the six fields begin', () => {
    const spans = fc.array(fc.record({ offset: fc.integer(), length: fc.nat() }));
    const deltas = fc.array(fc.maxSafeInteger());
    const counts = fc.array(fc.double({ noNaN: true }));
    const lists = fc.record({
      negativeSpans: spans,
      negativeDeltas: deltas,
      negativeCounts: counts,
      positiveSpans: spans,
      positiveDeltas: deltas,
      positiveCounts: counts,
    });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 100 }), (written, first) => {
        expect(read(write(written, first), { ...FIELDS, first })).toEqual(written);
      }),
    );
  });

  it('skips other fields, in the message and in a span', () => {
    const span = new Writer()
      .uint32(1 << 3)
      .sint32(-3)
      .uint32(7 << 3)
      .uint32(1)
      .uint32(2 << 3)
      .uint32(4)
      .finish();
    const bytes = new Writer()
      .uint32(19 << 3)
      .uint32(1)
      .uint32((23 << 3) | 2)
      .bytes(span)
      .uint32(26 << 3)
      .uint32(1)
      .finish();
    expect(read(bytes, FIELDS)).toEqual({ ...newBucketLists(), positiveSpans: [{ offset: -3, length: 4 }] });
  });

  it.each([
    [20, 'n_spans'],
    [21, 'n_deltas'],
    [22, 'n_counts'],
    [23, 'p_spans'],
    [24, 'p_deltas'],
    [25, 'p_counts'],
  ])('names field %i when it is of the wrong wire type', (field, name) => {
    const bytes = new Writer()
      .uint32((field << 3) | 5)
      .fixed32(1)
      .finish();
    expect(() => read(bytes, FIELDS)).toThrow(`${name} (field ${field}) has wire type 5`);
  });
});

function read(bytes: Uint8Array, fields: BucketFields): BucketLists {
  const wire = new PlainReader(bytes);
  const lists = newBucketLists();
  while (wire.next()) readBuckets(wire, lists, fields);
  return lists;
}

function write(lists: BucketLists, first: number): Uint8Array {
  const writer = new Writer();
  const sides = [
    [lists.negativeSpans, lists.negativeDeltas, lists.negativeCounts],
    [lists.positiveSpans, lists.positiveDeltas, lists.positiveCounts],
  ] as const;
  sides.forEach(([spans, deltas, counts], side) => {
    const field = first + 3 * side;
    for (const { offset, length } of spans) {
      writer
        .uint32((field << 3) | 2)
        .fork()
        .uint32(1 << 3)
        .sint32(offset)
        .uint32(2 << 3)
        .uint32(length)
        .ldelim();
    }
    writer.uint32(((field + 1) << 3) | 2).fork();
    for (const delta of deltas) writer.sint64(delta);
    writer.ldelim();
    for (const count of counts) writer.uint32(((field + 2) << 3) | 1).double(count);
  });
  return writer.finish();
}
