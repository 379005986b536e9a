import { describe, expect, it } from 'vitest';
import { openTable, type TableItem } from '../../../lib/storage/dynamodb/table.ts';
import { writeItems } from '../../../lib/storage/dynamodb/write-items.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import { awsError, tableDouble } from './table-double.ts';

describe('writeItems', () => {
  it('writes batches of at most 25 items and 8 MB', async () => {
    const table = tableDouble();
    await writeItems(openTable(table), items(60));
    expect(table.batches.toSorted()).toEqual([10, 25, 25]);
    expect(table.items.size).toBe(60);
    table.batches.length = 0;
    await writeItems(openTable(table), items(30, 390_000));
    expect(table.batches.every((size) => size * 390_000 <= 8 * 1024 * 1024)).toBe(true);
    expect(table.batches.reduce((sum, size) => sum + size)).toBe(30);
  });

  it('sends a repeated key once', async () => {
    const table = tableDouble();
    await writeItems(openTable(table), [...items(3), ...items(3)]);
    expect(table.batches).toEqual([3]);
  });

  it('sends nothing for nothing', async () => {
    const table = tableDouble();
    await writeItems(openTable(table), []);
    expect(table.batches).toEqual([]);
  });

  it('sends unprocessed items again, and no others, with growing pauses', async () => {
    const table = tableDouble();
    table.plan.push(4, 0, 3);
    await writeItems(openTable(table), items(10));
    expect(table.batches).toEqual([10, 6, 6, 3]);
    expect(table.pauses).toEqual([50, 100, 200]);
    expect(table.items.size).toBe(10);
  });

  it.each([
    awsError('ProvisionedThroughputExceededException'),
    awsError('ThrottlingException'),
    awsError('InternalServerError', 500),
    new Error('socket hang up'),
  ])('tries again after %s', async (error) => {
    const table = tableDouble();
    table.plan.push(error, error);
    await writeItems(openTable(table), items(2));
    expect(table.items.size).toBe(2);
    expect(table.pauses).toHaveLength(2);
  });

  it('gives up after a bounded time, and says what is missing', async () => {
    const table = tableDouble();
    table.plan.push(7, ...Array.from({ length: 100 }, () => 0));
    const writing = writeItems(openTable(table), items(10));
    await expect(writing).rejects.toThrow(StorageUnavailableError);
    await expect(writing).rejects.toThrow(
      'cannot write 3 of 10 items to table tributary: still unprocessed after 9 attempts',
    );
    expect(table.pauses.reduce((sum, ms) => sum + ms)).toBeLessThan(10_000);
    expect(Math.max(...table.pauses)).toBeLessThanOrEqual(2000);
  });

  it('gives up on throttling too, naming it', async () => {
    const table = tableDouble();
    const throttled = awsError('ThrottlingException');
    table.plan.push(...Array.from({ length: 9 }, () => throttled));
    const failure = await writeItems(openTable(table), items(2)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageUnavailableError);
    expect(failure).toMatchObject({ cause: throttled });
    expect(String(failure)).toContain('ThrottlingException happened');
  });

  it('does not repeat what time cannot heal', async () => {
    const table = tableDouble();
    table.plan.push(awsError('ResourceNotFoundException'));
    await expect(writeItems(openTable(table), items(2))).rejects.toThrow(
      'cannot write 2 items to table tributary: ResourceNotFoundException: ResourceNotFoundException happened',
    );
    expect(table.batches).toEqual([2]);
  });
});

function items(count: number, bytes = 10): TableItem[] {
  return Array.from({ length: count }, (_, i) => ({
    pk: 'p',
    sk: String(i),
    payload: new Uint8Array(bytes),
    ttlSeconds: 1,
  }));
}
