import { describe, expect, it } from 'vitest';
import { CONTEXT_DAYS, CONTEXTS_AREA, ServiceContexts } from '../../../lib/pipeline/cardinality/service-contexts.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import type { Registers } from '../../../lib/storage/registers.ts';

const DAY = 86_400_000;

describe('ServiceContexts', () => {
  it('admits the first that come, for all workers and after restarts', async () => {
    const { worker } = setUp();
    expect(await ask(worker(), ['/a', '/b', '/c'], 2)).toEqual(['/a', '/b']);
    expect(await ask(worker(), ['/c', '/b', '/a'], 2)).toEqual(['/b', '/a']);
    expect(await ask(worker(), ['/c'], 3)).toEqual(['/c']);
    expect(await ask(worker(), ['/a', '/b', '/c'], 1)).toEqual(['/a', '/b', '/c']);
  });

  it('lets workers that admit at the same time keep to one budget', async () => {
    const { worker } = setUp();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, w) => ask(worker(), [`/${w}/a`, `/${w}/b`, '/same'], 5)),
    );
    const admitted = new Set(answers.flat());
    expect(admitted.size).toBe(5);
    expect(answers.every((one) => one.includes('/same'))).toBe(true);
    for (const context of admitted) expect(await ask(worker(), [context], 5)).toEqual([context]);
  });

  it('never takes a place from a context that is seen, and frees that of one that is not', async () => {
    const { worker, clock } = setUp();
    const one = worker();
    expect(await ask(one, ['/live', '/dead', '/late'], 2)).toEqual(['/live', '/dead']);
    for (let day = 0; day <= CONTEXT_DAYS; day++) {
      expect(await ask(one, ['/live', '/late'], 2)).toEqual(['/live']);
      clock.now += DAY;
    }
    expect(await ask(one, ['/late', '/live'], 2)).toEqual(['/late', '/live']);
    expect(await ask(worker(), ['/dead'], 2)).toEqual([]);
  });

  it('keeps tenants and services apart', async () => {
    const { contexts } = setUp();
    await contexts.admit('a', 's', ['/x'], 1);
    expect([...(await contexts.admit('b', 's', ['/y'], 1))]).toEqual(['/y']);
    expect([...(await contexts.admit('a', 't', ['/z'], 1))]).toEqual(['/z']);
    expect([...(await contexts.admit('a', 's', ['/y'], 1))]).toEqual([]);
  });

  it('costs no read and no write for what is known or full, one write a day for what is seen', async () => {
    const { registers, contexts, clock } = setUp();
    await ask(contexts, ['/a', '/b'], 1);
    const before = registers.calls;
    for (let i = 0; i < 100; i++) await ask(contexts, ['/a', `/new${i}`], 1);
    expect(registers.calls).toBe(before);
    clock.now += DAY;
    for (let i = 0; i < 100; i++) await ask(contexts, ['/a'], 1);
    expect(registers.calls).toBe(before + 1);
    const [register] = await registers.list('acme', CONTEXTS_AREA);
    expect(register?.value).toEqual({ contexts: [['/a', 1001]], overflowed: 1000 });
  });

  it('fails where it never gets its turn', async () => {
    const registers: Registers = { list: async () => [], read: async () => undefined, replace: async () => false };
    const contexts = new ServiceContexts({ registers, now: () => 0 });
    await expect(ask(contexts, ['/a'], 1)).rejects.toThrow(StorageUnavailableError);
  });
});

async function ask(contexts: ServiceContexts, names: readonly string[], budget: number): Promise<string[]> {
  const admitted = await contexts.admit('acme', '["prod","shop"]', names, budget);
  return names.filter((name) => admitted.has(name));
}

class CountedRegisters extends MemoryRegisters {
  calls = 0;

  override read<T>(...args: Parameters<MemoryRegisters['read']>) {
    this.calls++;
    return super.read<T>(...args);
  }

  override replace(...args: Parameters<MemoryRegisters['replace']>) {
    this.calls++;
    return super.replace(...args);
  }
}

function setUp() {
  const registers = new CountedRegisters();
  const clock = { now: 1000 * DAY + 5000 };
  const worker = () => new ServiceContexts({ registers, now: () => clock.now });
  return { registers, clock, worker, contexts: worker() };
}
