import { describe, expect, it } from 'vitest';
import { ChunkCache } from '../../../lib/storage/dynamodb/chunk-cache.ts';

const chunk = (bytes: number) => new Uint8Array(bytes);

describe('ChunkCache', () => {
  it('keeps within its bound, letting go what was not used for longest', () => {
    const cache = new ChunkCache(303);
    for (const key of ['a', 'b', 'c']) cache.set(key, chunk(100));
    expect(cache.bytes).toBe(303);
    expect(cache.get('a')?.length).toBe(100);
    cache.set('d', chunk(50));
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
    expect(cache.bytes).toBe(253);
  });

  it('does not let one chunk push out everything', () => {
    const cache = new ChunkCache(100);
    cache.set('a', chunk(50));
    cache.set('b', chunk(100));
    expect([cache.get('a')?.length, cache.get('b')]).toEqual([50, undefined]);
  });

  it('counts a chunk that is set again once', () => {
    const cache = new ChunkCache(100);
    cache.set('a', chunk(50));
    cache.set('a', chunk(50));
    expect(cache.bytes).toBe(51);
  });
});
