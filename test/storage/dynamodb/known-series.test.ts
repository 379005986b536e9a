import { describe, expect, it } from 'vitest';
import { KnownSeries } from '../../../lib/storage/dynamodb/known-series.ts';

const identity = (low: number, check = low) => ({ id: low.toString(16).padStart(16, '0'), high: 0, low, check });

describe('KnownSeries', () => {
  it('knows what was added, by partition', () => {
    const known = new KnownSeries();
    known.add('p', [identity(1), identity(2)]);
    expect([known.has('p', identity(1)), known.has('p', identity(3)), known.has('q', identity(1))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([known.hasPartition('p'), known.hasPartition('q')]).toEqual([true, false]);
  });

  it('does not take one label set for another', () => {
    const known = new KnownSeries();
    known.add('p', [identity(1, 10)]);
    expect([known.has('p', identity(1, 11)), known.collides('p', identity(1, 11))]).toEqual([false, true]);
    expect([known.collides('p', identity(1, 10)), known.collides('q', identity(1, 11))]).toEqual([false, false]);
  });

  it('lets go of whole partitions, least recently used first', () => {
    const known = new KnownSeries(4);
    known.add('p', [identity(1), identity(2)]);
    known.add('q', [identity(1), identity(2)]);
    known.add('p', []);
    known.add('r', [identity(1)]);
    expect(['p', 'q', 'r'].map((pk) => known.hasPartition(pk))).toEqual([true, false, true]);
    known.add(
      's',
      Array.from({ length: 9 }, (_, i) => identity(i)),
    );
    expect(['p', 'r', 's'].some((pk) => known.hasPartition(pk))).toBe(false);
    known.add('t', [identity(1)]);
    expect(known.has('t', identity(1))).toBe(true);
  });
});
