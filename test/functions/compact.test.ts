import { describe, expect, it } from 'vitest';
import { compact } from '../../functions/compact.ts';
import { Labels } from '../../lib/model/labels.ts';
import { DynamoCompactable } from '../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { tableDouble } from '../storage/dynamodb/table-double.ts';

const START = Date.UTC(2025, 10, 22, 8, 0, 0);
const HOUR = 3600_000;

describe('the compactor', () => {
  it('packs what is closed, tells what it did, and leaves the answers as they are', async () => {
    let now = START;
    const settings = { ...tableDouble(), retention: { normalised: { days: 2 }, derived: { days: 9 } }, now: () => now };
    const storage = new DynamoStorage(settings);
    for (let i = 0; i < 5; i++) {
      const appender = storage.appender('demo', 'derived');
      appender.append(Labels.from({ __name__: 'up' }), { timestamp: START + i * 15_000, value: i });
      await appender.commit();
    }
    const dependencies = { tenants: [{ name: 'demo' }], storage: new DynamoCompactable(settings), now: () => now };
    now = START + 3 * HOUR;
    const [normalised, derived] = await compact(dependencies, 1000);
    expect(normalised).toMatchObject({ tenant: 'demo', retentionClass: 'normalised', steps: 0 });
    expect(derived).toMatchObject({ samplesRead: 5, samplesWritten: 5, backlog: { epochs: 0 } });
    const [up] = await storage.querier('demo').select({ mint: START, maxt: now });
    expect([...(up?.floats.values ?? [])]).toEqual([0, 1, 2, 3, 4]);
  });

  it('does nothing when no time is left, and says that it is behind', async () => {
    let now = START;
    const settings = { ...tableDouble(), retention: { normalised: { days: 2 }, derived: { days: 9 } }, now: () => now };
    const appender = new DynamoStorage(settings).appender('demo', 'derived');
    appender.append(Labels.from({ __name__: 'up' }), { timestamp: START, value: 1 });
    await appender.commit();
    now = START + 3 * HOUR;
    const dependencies = { tenants: [{ name: 'demo' }], storage: new DynamoCompactable(settings), now: () => now };
    const [, derived] = await compact(dependencies, 0);
    expect(derived).toMatchObject({ steps: 0, backlog: { epochs: 1, oldest: START } });
  });
});
