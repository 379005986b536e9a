import { describe, expect, it } from 'vitest';
import { DEFAULT_SCOPE, type Source } from '../../lib/context/tenant.ts';
import { ReceivedMemories } from '../../lib/pipeline/received-memories.ts';

describe('ReceivedMemories', () => {
  it('has one memory for each source of each tenant, and shares none', () => {
    const memories = new ReceivedMemories({ generationBytes: 1000, bytes: 100_000 });
    const [a, b] = [source('a'), source('b')];
    const found = [memories.of('acme', a), memories.of('acme', b), memories.of('other', a), memories.of('other', b)];
    expect(new Set(found).size).toBe(4);
    expect(memories.of('acme', a)).toBe(found[0]);
  });

  it('begins anew when the configuration of a source is another', () => {
    const memories = new ReceivedMemories();
    const before = memories.of('acme', source('a'));
    expect(memories.of('acme', source('a'))).not.toBe(before);
  });

  it('forgets the source that was quiet the longest where there is no room for all', () => {
    const memories = new ReceivedMemories({ generationBytes: 1000, bytes: 4000 });
    const [a, b, c] = [source('a'), source('b'), source('c')];
    const [ofA, ofB] = [memories.of('acme', a), memories.of('acme', b)];
    memories.of('acme', a);
    memories.of('acme', c);
    expect(memories.of('acme', a)).toBe(ofA);
    expect(memories.of('acme', b)).not.toBe(ofB);
  });
});

function source(name: string): Source {
  return { name, type: 'remote_write', tokens: [], scope: DEFAULT_SCOPE };
}
