import { describe, expect, it } from 'vitest';
import { limitedPairs } from '../../../lib/plan/unmapped/limited-pairs.ts';
import { familiesOf } from './pages.ts';

describe('limitedPairs', () => {
  it.each([
    ['process_open_fds', 'process_max_fds'],
    ['jvm_memory_used_bytes', 'jvm_memory_max_bytes'],
    ['queue_length', 'queue_capacity'],
    ['cache_size_bytes', 'cache_size_max_bytes'],
    ['shards', 'shards_max'],
    ['conntrack_entries', 'conntrack_entries_limit'],
  ])('%s is bounded by %s', (used, limit) => {
    const pairs = limitedPairs(familiesOf(`${used} 1\n${limit} 1\nother 1\n`));
    expect(pairs.map((pair) => [pair.used.name, pair.limit.name])).toEqual([[used, limit]]);
  });

  it.each([
    ['disk_free_bytes', 'disk_free_limit_bytes'],
    ['a_used', 'b_max'],
    ['max', 'limit'],
  ])('%s is not bounded by %s', (used, limit) => {
    expect(limitedPairs(familiesOf(`${used} 1\n${limit} 1\n`))).toEqual([]);
  });
});
