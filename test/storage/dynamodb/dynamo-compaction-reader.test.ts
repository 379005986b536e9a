import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { DynamoCompactable } from '../../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoCompactionReader } from '../../../lib/storage/dynamodb/dynamo-compaction-reader.ts';
import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { tableDouble } from './table-double.ts';

const HOUR = 3600_000;
const START = Date.UTC(2025, 10, 22, 8, 0, 0);
const RETENTION = { normalised: { days: 2 }, derived: { days: 40 } };

describe('DynamoCompactionReader', () => {
  it('tells what a compactor tells, at any stage of its work, without reading a block or writing anything', async () => {
    const table = tableDouble();
    let now = START;
    const settings = { ...table, retention: RETENTION, now: () => now };
    const reader = new DynamoCompactionReader(settings);
    const compactor = new DynamoCompactable(settings).compactor('t', 'derived');
    const told: unknown[] = [];
    const look = async () => {
      table.queries.length = 0;
      const [batches, gets] = [table.batches.length, table.gets.length];
      const backlog = await reader.backlog('t', 'derived');
      expect(table.queries.every((pk) => /\/(epochs|leftovers)\//.test(pk))).toBe(true);
      expect([table.batches.length, table.gets.length]).toEqual([batches, gets]);
      expect(backlog).toEqual(await compactor.backlog());
      told.push(backlog);
    };
    const write = async () => {
      const appender = new DynamoStorage(settings).appender('t', 'derived');
      appender.append(Labels.from({ __name__: 'a' }), { timestamp: START + 1000, value: now });
      await appender.commit();
    };
    await look();
    await write();
    await look();
    now = START + 3 * HOUR;
    await look();
    await write();
    now = START + 6 * HOUR;
    await look();
    for (let { kind } = await compactor.step(); kind !== 'idle'; { kind } = await compactor.step()) await look();
    now += 2 * HOUR;
    await look();
    expect(await reader.backlog('other', 'derived')).toEqual({ epochs: 0, leftovers: 0 });
    expect(told).toEqual(
      expect.arrayContaining([
        { epochs: 1, oldest: START, leftovers: 0 },
        { epochs: 2, oldest: START, leftovers: 0 },
        { epochs: 0, leftovers: expect.toSatisfy((count: number) => count > 0) },
      ]),
    );
  });

  it('counts the chunks of a range from manifests alone', async () => {
    const table = tableDouble();
    let now = START;
    const settings = { ...table, retention: RETENTION, now: () => now };
    const reader = new DynamoCompactionReader(settings);
    const appender = new DynamoStorage(settings).appender('t', 'derived');
    for (const hour of [0, 2, 15]) {
      appender.append(Labels.from({ __name__: 'a' }), { timestamp: START + hour * HOUR, value: 1 });
    }
    await appender.commit();
    const count = (from: number, to: number) =>
      reader.chunks('t', 'derived', { mint: START + from * HOUR, maxt: START + to * HOUR });
    expect(await count(0, 24)).toBe(0);
    now = START + 19 * HOUR;
    const compactor = new DynamoCompactable(settings).compactor('t', 'derived');
    for (let { kind } = await compactor.step(); kind !== 'idle'; { kind } = await compactor.step());
    table.queries.length = 0;
    const counts = [
      await count(0, 24),
      await count(1, 1.5),
      await count(1, 3),
      await count(3.9, 15),
      await count(4, 13.9),
    ];
    expect(counts).toEqual([3, 1, 2, 2, 0]);
    expect(table.queries.every((pk) => pk.includes('/manifests/'))).toBe(true);
    expect(await reader.chunks('t', 'normalised', { mint: START, maxt: now })).toBe(0);
  });
});
