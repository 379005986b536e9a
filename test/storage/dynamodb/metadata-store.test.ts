import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MetricMetadata } from '../../../lib/model/metadata.ts';
import { MetadataStore } from '../../../lib/storage/dynamodb/metadata-store.ts';
import { openTable } from '../../../lib/storage/dynamodb/table.ts';
import { writeItems } from '../../../lib/storage/dynamodb/write-items.ts';
import { awsError, type TableDouble, tableDouble } from './table-double.ts';

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
const DAY = 24 * 3600_000;

describe('MetadataStore', () => {
  it('writes what is new, and nothing twice', async () => {
    const { table, store } = start();
    expect(await write(table, store(), [help('a', 'one'), help('b', 'one')])).toBe(2);
    const warm = store();
    expect(await write(table, warm, [help('a', 'one'), help('b', 'two')])).toBe(1);
    expect(await write(table, warm, [help('a', 'one'), help('b', 'two')])).toBe(0);
    expect(await warm.read('t')).toEqual([help('a', 'one'), help('b', 'two')]);
  });

  it('does not write for ever when two exporters disagree', async () => {
    const { table, store } = start();
    const warm = store();
    const written: number[] = [];
    for (const text of ['one', 'two', 'one', 'two']) written.push(await write(table, warm, [help('a', text)]));
    expect(written).toEqual([1, 1, 0, 0]);
  });

  it('renews what would otherwise expire while it is still sent', async () => {
    const { table, store, pass } = start();
    const warm = store();
    await write(table, warm, [help('a', 'one')]);
    pass(29 * DAY);
    expect(await write(table, warm, [help('a', 'one')])).toBe(0);
    pass(2 * DAY);
    expect(await write(table, warm, [help('a', 'one')])).toBe(1);
    pass(59 * DAY);
    expect(await warm.read('t')).toEqual([help('a', 'one')]);
    pass(2 * DAY);
    expect(await warm.read('t')).toEqual([]);
  });

  it('takes as many items as long help texts need', async () => {
    const { table, store } = start();
    const noise = () => randomBytes(12_000).toString('base64');
    const all = Array.from({ length: 80 }, (_, i) => help(`metric_${String(i).padStart(2, '0')}`, noise()));
    expect(await write(table, store(), all)).toBe(80);
    for (const item of table.items.values()) expect(item['d']?.B?.length).toBeLessThan(395_000);
    expect(await store().read('t')).toEqual(all);
  });

  it('writes everything when it cannot find out what is there', async () => {
    const { table, store } = start();
    await write(table, store(), [help('a', 'one')]);
    table.queryError = awsError('AccessDeniedException');
    expect(await write(table, store(), [help('a', 'one')])).toBe(1);
  });
});

function start() {
  const table = tableDouble();
  let now = NOW;
  return {
    table,
    store: () => new MetadataStore(openTable(table), () => now++),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** Resolves with how many were written. */
async function write(table: TableDouble, store: MetadataStore, metadata: readonly MetricMetadata[]): Promise<number> {
  const unknown = await store.unknown('t', metadata);
  await writeItems(openTable(table), store.items('t', unknown));
  store.markKnown('t', unknown);
  return unknown.length;
}

function help(metricFamilyName: string, text: string): MetricMetadata {
  return { metricFamilyName, type: 'gauge', help: text, unit: '' };
}
