import { describe, expect, it } from 'vitest';
import { BlockCache } from '../../../lib/storage/dynamodb/block-cache.ts';

const item = (bytes: number) => ({ sk: 's', payload: new Uint8Array(bytes) });

describe('BlockCache', () => {
  it('stays within its bytes and lets go of what was used least recently', () => {
    const cache = new BlockCache(100, 1000);
    cache.set('a', [item(40)], 0);
    cache.set('b', [item(40)], 0);
    expect(cache.get('a', 0)).toHaveLength(1);
    cache.set('c', [item(40)], 0);
    expect([cache.get('a', 0), cache.get('b', 0), cache.get('c', 0)].map((items) => items?.length)).toEqual([
      1,
      undefined,
      1,
    ]);
    expect(cache.bytes).toBeLessThanOrEqual(100);
  });

  it('does not keep what alone is too large, nor an older state of it', () => {
    const cache = new BlockCache(100, 1000);
    cache.set('a', [item(10)], 0);
    cache.set('a', [item(200)], 0);
    expect(cache.get('a', 0)).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('forgets after its time, which using does not prolong', () => {
    const cache = new BlockCache(100, 1000);
    cache.set('a', [item(10)], 0);
    expect(cache.get('a', 1000)).toHaveLength(1);
    expect(cache.get('a', 1001)).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('keeps nothing when it may not', () => {
    const cache = new BlockCache(0, 1000);
    cache.set('a', [item(1)], 0);
    expect(cache.get('a', 0)).toBeUndefined();
  });
});
