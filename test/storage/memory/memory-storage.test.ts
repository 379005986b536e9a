import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { storageSuite } from '../../suites/storage.suite.ts';

storageSuite('memory', async (options) => {
  const storage = new MemoryStorage(options);
  return { open: () => storage };
});

describe('memory storage', () => {
  it('has no end of time without a clock', async () => {
    const storage = new MemoryStorage();
    const appender = storage.appender('t', 'normalised');
    appender.append(Labels.from({ __name__: 'up' }), { timestamp: 0, value: 1 });
    appender.append(Labels.from({ __name__: 'up' }), { timestamp: 9e12, value: 2 });
    await appender.commit();
    const [up] = await storage.querier('t').select({ mint: Number.NEGATIVE_INFINITY, maxt: Number.POSITIVE_INFINITY });
    expect([...(up?.floats.values ?? [])]).toEqual([1, 2]);
  });

  it('needs a clock to expire anything', () => {
    expect(() => new MemoryStorage({ retention: { normalised: { days: 1 }, derived: { days: 1 } } })).toThrow(/clock/);
  });

  it('gives columns that later appends do not change', async () => {
    const storage = new MemoryStorage();
    const write = async (timestamp: number, value: number) => {
      const appender = storage.appender('t', 'derived');
      appender.append(Labels.from({ __name__: 'up' }), { timestamp, value });
      await appender.commit();
    };
    await write(2, 2);
    const [before] = await storage.querier('t').select({ mint: 0, maxt: 10 });
    await write(1, 1);
    await write(2, 9);
    expect([...(before?.floats.values ?? [])]).toEqual([2]);
  });
});
