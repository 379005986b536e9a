import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterBytes, MemberFilter } from '../../lib/context/member-filter.ts';
import { Labels } from '../../lib/model/labels.ts';
import { seriesIdentity } from '../../lib/storage/series-identity.ts';

const hash = (name: string) => seriesIdentity(Labels.from({ name }));

describe('MemberFilter', () => {
  it('knows every member, whatever its hash', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ high: word, low: word }), { maxLength: 50 }),
        fc.nat(100),
        (members, capacity) => {
          const filter = new MemberFilter(new Uint8Array(filterBytes(capacity)));
          for (const member of members) filter.add(member);
          expect(members.every((member) => filter.has(member))).toBe(true);
          expect(members.every((member) => new MemberFilter(filter.bytes.slice()).has(member))).toBe(true);
        },
      ),
    );
  });

  it('counts within a few percent, and takes few strangers for members', () => {
    const filter = new MemberFilter(new Uint8Array(filterBytes(4096)));
    for (let i = 0; i < 4096; i++) filter.add(hash(`member ${i}`));
    expect(Math.abs(filter.size - 4096)).toBeLessThan(4096 * 0.02);
    const taken = Array.from({ length: 20_000 }, (_, i) => filter.has(hash(`stranger ${i}`))).filter(Boolean).length;
    expect(taken).toBeLessThan(40);
    expect(new MemberFilter(new Uint8Array(8)).size).toBe(0);
  });

  it('holds the members of both in a union', () => {
    const [a, b] = ['a', 'b'].map((name) => {
      const filter = new MemberFilter(new Uint8Array(filterBytes(100)));
      for (let i = 0; i < 50; i++) filter.add(hash(`${name}${i}`));
      return filter;
    }) as [MemberFilter, MemberFilter];
    const both = a.union(b);
    for (let i = 0; i < 50; i++) expect(both.has(hash(`a${i}`)) && both.has(hash(`b${i}`))).toBe(true);
    expect(Math.round(both.size)).toBeGreaterThan(90);
    expect(() => a.union(new MemberFilter(new Uint8Array(8)))).toThrow('BUG');
  });

  it('has no size beyond measure when it is full', () => {
    expect(Number.isFinite(new MemberFilter(new Uint8Array(16).fill(255)).size)).toBe(true);
  });
});
