import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LedgerEntry, newTally } from '../../lib/storage/ledger.ts';
import { asideId, messageIds, withoutStaleParts } from '../../lib/storage/message-id.ts';

const bytes = (...lengths: number[]) => lengths.map((length) => new Uint8Array(length));
const entry = (id = '', timestamp = 0, source = 'a'): LedgerEntry => ({
  id,
  source,
  timestamp,
  tally: newTally(),
  examples: [],
});

describe('messageIds', () => {
  it('names one message by its request alone', () => {
    expect(messageIds('r', bytes(7))).toEqual(['r-0']);
    expect(messageIds('r', bytes(9))).toEqual(['r-0']);
  });

  it('gives equal cuts equal names, and others others', () => {
    expect(messageIds('r', bytes(3, 4))).toEqual(messageIds('r', bytes(3, 4)));
    const all = [bytes(3, 4), bytes(4, 3), bytes(3, 4, 1)].flatMap((bodies) => messageIds('r', bodies));
    expect(new Set(all).size).toBe(7);
    expect(all.every((id) => /^r-\d\.\d\.[0-9a-f]{8}$/.test(id))).toBe(true);
  });
});

describe('withoutStaleParts', () => {
  const [first, second, third] = [bytes(3, 4), bytes(4, 3), bytes(7)].map((bodies) => messageIds('x-y', bodies));

  it('leaves what was cut the same way each time, and what has other names', () => {
    const entries = [...(first ?? []), 'x-y', 'b', 'r-0', 'r-1'].map((id) => entry(id));
    expect(withoutStaleParts(entries).map(({ id }) => id)).toHaveLength(entries.length);
  });

  it('prefers a way that is complete, then what was received last', () => {
    const ids = (...entries: LedgerEntry[]) => withoutStaleParts(entries).map(({ id }) => id);
    expect(ids(entry(first?.[0], 9), entry(second?.[0], 1), entry(second?.[1], 1))).toEqual(second);
    expect(ids(entry(first?.[0], 9), entry(third?.[0], 1))).toEqual(third);
    expect(ids(entry(first?.[0], 9), entry(second?.[0], 1))).toEqual([first?.[0]]);
    expect(ids(entry(first?.[0], 1), entry(second?.[0], 9))).toEqual([second?.[0]]);
  });

  it('keeps what was set aside of a part beside it, and of a stale part not at all', () => {
    const ids = (...entries: LedgerEntry[]) => withoutStaleParts(entries).map(({ id }) => id);
    const aside = asideId(first?.[0] ?? '');
    expect(ids(entry(aside), entry(first?.[0]), entry(first?.[1]))).toEqual([aside, ...(first ?? [])]);
    expect(ids(entry('r-0'), entry(asideId('r-0')), entry(asideId(asideId('r-0'))))).toHaveLength(3);
    // It is no part itself: the second part is still missing.
    expect(ids(entry(first?.[0], 9), entry(aside, 9), entry(third?.[0], 1))).toEqual(third);
  });

  it('keeps requests of different sources apart', () => {
    expect(withoutStaleParts([entry(first?.[0], 1, 'a'), entry(third?.[0], 2, 'b')])).toHaveLength(2);
  });

  it('does not depend on the order of entries', () => {
    const pool = [...(first ?? []), ...(second ?? []), ...(third ?? [])];
    fc.assert(
      fc.property(fc.shuffledSubarray(pool), fc.array(fc.nat(3), { minLength: 9 }), (ids, times) => {
        const entries = ids.map((id) => entry(id, times[pool.indexOf(id)]));
        const sorted = (list: LedgerEntry[]) => list.map(({ id }) => id).sort();
        expect(sorted(withoutStaleParts(entries.toReversed()))).toEqual(sorted(withoutStaleParts(entries)));
      }),
    );
  });
});
