import { describe, expect, it } from 'vitest';
import { hashLabels } from '../../lib/model/hash-labels.ts';
import { Labels } from '../../lib/model/labels.ts';
import { xxhash64 } from '../../lib/model/xxhash64.ts';

describe('xxhash64', () => {
  it.each([
    ['', 0xef46db3751d8e999n],
    ['a', 0xd24ec4f1a98c6e5bn],
    ['abc', 0x44bc2cf5ad770999n],
    ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
  ])('of %j', (text, expected) => {
    expect(xxhash64(Buffer.from(text))).toBe(expected);
  });
});

describe('hashLabels', () => {
  it('hashes names and values behind their lengths', () => {
    expect(hashLabels(Labels.from({ a: 'bc' }))).toBe(xxhash64(Buffer.from('\u0001a\u0002bc')));
    const long = 'x'.repeat(300);
    const prefix = Buffer.from([1, 0x61, 255, 300 & 0xff, 300 >> 8, 0]);
    expect(hashLabels(Labels.from({ a: long }))).toBe(xxhash64(Buffer.concat([prefix, Buffer.from(long)])));
  });
});
