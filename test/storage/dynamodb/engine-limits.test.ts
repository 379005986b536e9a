import { expect, it } from 'vitest';
import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { getItems } from '../../../lib/storage/dynamodb/get-items.ts';
import { readItems } from '../../../lib/storage/dynamodb/read-items.ts';
import { replaceItem } from '../../../lib/storage/dynamodb/replace-item.ts';
import { MAX_PAYLOAD_BYTES, openTable, type TableItem } from '../../../lib/storage/dynamodb/table.ts';
import { deleteItems, writeItems } from '../../../lib/storage/dynamodb/write-items.ts';
import { ALL, newTenant, RETENTION, series, write } from '../../suites/storage-fixture.ts';
import { onEveryEngine } from './on-every-engine.ts';

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
const TTL_SECONDS = NOW / 1000 + 3600;

/** Random bytes: what an item weighs is not a matter of compression. */
function payloadOf(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 2654435761 + seed * 40503) >>> 13);
}

function itemOf(pk: string, sk: string, bytes: number, seed = 1): TableItem {
  return { pk, sk, payload: payloadOf(bytes, seed), ttlSeconds: TTL_SECONDS };
}

/** What DynamoDB allows is what the store makes use of, and no more. */
onEveryEngine((_, table) => {
  it('takes items as large as the store makes them, 25 at a time', async () => {
    const target = openTable(table());
    const pk = newTenant();
    const items = Array.from({ length: 25 }, (_, i) => itemOf(pk, `item${i}`, MAX_PAYLOAD_BYTES, i));
    await writeItems(target, items);
    const found = new Map<string, number>();
    let pages = 0;
    for await (const page of readItems(target, { pk, now: NOW })) {
      pages++;
      for (const { sk, payload } of page)
        found.set(sk, Buffer.compare(payload, payloadOf(MAX_PAYLOAD_BYTES, Number(sk.slice(4)))));
    }
    expect(pages).toBeGreaterThan(8);
    expect([...found.values()]).toEqual(Array(25).fill(0));
    await deleteItems(target, items);
    expect(await readItems(target, { pk, now: NOW }).next()).toMatchObject({ value: [] });
  }, 60_000);

  it('gives hundreds of chunks by their keys, 16 MB with each answer', async () => {
    const target = openTable(table());
    const tenant = newTenant();
    const items = Array.from({ length: 120 }, (_, i) => itemOf(`${tenant}/${i}`, 'chunk', 200_000, i));
    await writeItems(target, items);
    const found = await getItems(target, [...items, { pk: `${tenant}/none`, sk: 'chunk' }]);
    expect(found.size).toBe(120);
    for (const { pk, payload } of items)
      expect(Buffer.compare(found.get(pk)?.payload ?? new Uint8Array(), payload)).toBe(0);
  }, 60_000);

  it('replaces an item of the largest size on condition, and refuses the second who read the same', async () => {
    const target = openTable(table());
    const item = itemOf(newTenant(), 'register', MAX_PAYLOAD_BYTES);
    expect(await replaceItem(target, item, undefined)).toBe(true);
    expect(await replaceItem(target, item, undefined)).toBe(false);
    const won = await Promise.all(
      [1, 2, 3].map((seed) => replaceItem(target, { ...item, ...itemOf(item.pk, item.sk, 10, seed) }, 1)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('knows tenants by the longest names', async () => {
    const storage = new DynamoStorage({ ...table(), retention: RETENTION, now: () => NOW });
    const tenants = ['ü'.repeat(170), `${'n'.repeat(1023)}1`, `${'n'.repeat(1023)}2`];
    for (const [i, tenant] of tenants.entries()) {
      await write(storage, tenant, [[series('up'), { timestamp: NOW - 1000, value: i }]]);
    }
    for (const [i, tenant] of tenants.entries()) {
      const found = await storage.querier(tenant).select(ALL);
      expect(found.map(({ floats }) => [...floats.values])).toEqual([[i]]);
    }
  });

  it('counts the capacity that the store reports', async () => {
    const storage = new DynamoStorage({ ...table(), retention: RETENTION, now: () => NOW });
    const units: number[] = [];
    table().client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== 'BatchWriteItemCommand') return next(args);
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        const answer = await next(args);
        const { ConsumedCapacity = [] } = answer.output as { ConsumedCapacity?: { CapacityUnits?: number }[] };
        for (const { CapacityUnits = 0 } of ConsumedCapacity) units.push(CapacityUnits);
        return answer;
      },
      { name: 'countUnits', step: 'initialize' },
    );
    try {
      const samples = Array.from({ length: 5000 }, (_, i) => i);
      const report = await write(
        storage,
        newTenant(),
        samples.map((i) => [series(`m${i % 40}`, { pod: String(i) }), { timestamp: NOW - i * 17, value: Math.sin(i) }]),
      );
      expect(report.writeUnits).toBeGreaterThan(20);
      expect(units.reduce((sum, one) => sum + one, 0)).toBe(report.writeUnits);
    } finally {
      table().client.middlewareStack.remove('countUnits');
    }
  });
});
