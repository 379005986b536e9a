import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeriesPlaces } from '../../../lib/storage/dynamodb/series-places.ts';

/** Few halves, so that ids are met again and share halves. */
const id = fc.tuple(
  fc.constantFrom(0, 1, 7, 0xffff_ffff),
  fc.oneof(fc.nat(9), fc.integer({ min: 0, max: 0xffff_ffff })),
);
const block = fc.uniqueArray(id, { selector: String, maxLength: 40 });

describe('SeriesPlaces', () => {
  it('numbers series as a map would, in the order in which they come', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const places = new SeriesPlaces();
        const expected = new Map<string, number>();
        for (const ids of blocks) {
          const ascending = ids.toSorted(byId);
          for (const one of ascending) if (!expected.has(String(one))) expected.set(String(one), expected.size);
          expect([...placesOf(places, ascending)]).toEqual(ascending.map((one) => expected.get(String(one))));
        }
        for (const ids of blocks) for (const one of ids) expect(places.find(...one)).toBe(expected.get(String(one)));
        expect(places.find(3, 3)).toBe(-1);
        expect(places.size).toBe(expected.size);
        expect(listed(places)).toEqual([...expected].toSorted(([a], [b]) => byText(a, b)));
      }),
    );
  });

  it('finds few series among very many, and many new ones between few', () => {
    const places = new SeriesPlaces();
    placesOf(places, [[5, 5]]);
    const many = Array.from({ length: 10_000 }, (_, i): Id => [i, i]);
    expect([...placesOf(places, many)].slice(0, 8)).toEqual([1, 2, 3, 4, 5, 0, 6, 7]);
    expect([...placesOf(places, [many[3], many[9999]] as Id[])]).toEqual([4, 9999]);
    expect(places.size).toBe(10_000);
  });
});

type Id = [high: number, low: number];

function byId([highA, lowA]: Id, [highB, lowB]: Id): number {
  return highA - highB || lowA - lowB;
}

function byText(a: string, b: string): number {
  return byId(a.split(',').map(Number) as Id, b.split(',').map(Number) as Id);
}

function placesOf(places: SeriesPlaces, ids: readonly Id[]): Uint32Array {
  return places.placesOf(
    Uint32Array.from(ids, ([high]) => high),
    Uint32Array.from(ids, ([, low]) => low),
  );
}

function listed(places: SeriesPlaces): [id: string, place: number][] {
  const found: [string, number][] = [];
  places.forEach((high, low, place) => {
    found.push([String([high, low]), place]);
  });
  return found;
}
