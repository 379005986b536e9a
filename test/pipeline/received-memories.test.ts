import { describe, expect, it } from 'vitest';
import { DEFAULT_SCOPE, type Source } from '../../lib/context/tenant.ts';
import { ReceivedMemories } from '../../lib/pipeline/received-memories.ts';
import { ReceivedSeries } from '../../lib/pipeline/received-series.ts';

const MIB = 1024 * 1024;

describe('ReceivedMemories', () => {
  it('has one memory for each source of each tenant, and shares none', () => {
    const memories = new ReceivedMemories({ sourceBytes: 1000, bytes: 100_000 });
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

  it('divides what there is among the sources, and remembers no more than that of any', () => {
    const [few, many] = [1, 4].map((sources) => {
      const memory = new ReceivedMemories({ bytes: 100 * MIB, sources }).of('acme', source('a'));
      memory.open();
      for (const text of ['', '__name__', 'up']) memory.addSymbol(text);
      for (let i = 0; i < 50_000; i++) memory.remember(Int32Array.of(1, 2, i), 3, new ReceivedSeries([]));
      return memory;
    });
    expect(few?.bytes).toBeGreaterThan(70 * MIB);
    expect(few?.bytes).toBeLessThanOrEqual(100 * MIB);
    expect(many?.bytes).toBeGreaterThan(15 * MIB);
    expect(many?.bytes).toBeLessThanOrEqual(25 * MIB);
  });

  it('forgets the source that was quiet the longest where there is no room for all', () => {
    const memories = new ReceivedMemories({ sourceBytes: 1000, bytes: 2000 });
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
