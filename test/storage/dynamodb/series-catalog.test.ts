import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { Matcher } from '../../../lib/model/matcher.ts';
import { buildLabelsBlocks } from '../../../lib/storage/dynamodb/build-labels-blocks.ts';
import { writtenSortKey } from '../../../lib/storage/dynamodb/keys.ts';
import { SeriesCatalog } from '../../../lib/storage/dynamodb/series-catalog.ts';
import { contentHash, openTable } from '../../../lib/storage/dynamodb/table.ts';
import { writeItems } from '../../../lib/storage/dynamodb/write-items.ts';
import { seriesIdentity } from '../../../lib/storage/series-identity.ts';
import { type TableDouble, tableDouble } from './table-double.ts';

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
const MINUTE = 60_000;

describe('SeriesCatalog', () => {
  it('finds each series once, and the partitions that have any', async () => {
    const table = tableDouble();
    await writeLabels(table, 'p', NOW, ['a', 'b']);
    await writeLabels(table, 'q', NOW, ['b', 'c']);
    const catalog = new SeriesCatalog(openTable(table), () => NOW, seriesIdentity);
    const { series, partitions } = await catalog.find(['p', 'q', 'r'], [], undefined);
    expect(series.map(({ labels }) => labels.metricName).sort()).toEqual(['a', 'b', 'c']);
    expect([...partitions]).toEqual(['p', 'q']);
    const onlyC = await catalog.find(['p', 'q'], [new Matcher('=', '__name__', 'c')], undefined);
    expect([...onlyC.partitions]).toEqual(['q']);
  });

  it('sees a block whose writer had a clock some minutes behind', async () => {
    const table = tableDouble();
    const catalog = new SeriesCatalog(openTable(table), () => NOW, seriesIdentity);
    await writeLabels(table, 'p', NOW, ['a']);
    expect(await names(catalog)).toEqual(['a']);
    await writeLabels(table, 'p', NOW - 9 * MINUTE, ['late']);
    expect(await names(catalog)).toEqual(['a', 'late']);
  });

  it('sees within the hour what no overlap could', async () => {
    const table = tableDouble();
    let now = NOW;
    const catalog = new SeriesCatalog(openTable(table), () => now, seriesIdentity);
    await writeLabels(table, 'p', NOW, ['a']);
    expect(await names(catalog)).toEqual(['a']);
    await writeLabels(table, 'p', NOW - 30 * MINUTE, ['very late']);
    expect(await names(catalog)).toEqual(['a']);
    now += 61 * MINUTE;
    expect(await names(catalog)).toEqual(['a', 'very late']);
  });

  it('reads everything after a reading that failed half-way', async () => {
    const table = tableDouble();
    const catalog = new SeriesCatalog(openTable(table), () => NOW, seriesIdentity);
    await writeLabels(table, 'p', NOW - 50 * MINUTE, ['a']);
    await writeLabels(table, 'p', NOW, ['b']);
    table.pageSize = 1;
    const { client } = table;
    let pages = 0;
    const failing = {
      ...table,
      client: { send: (command: never) => (pages++ === 1 ? Promise.reject(new Error('lost')) : client.send(command)) },
    };
    const other = new SeriesCatalog(openTable(failing as unknown as TableDouble), () => NOW, seriesIdentity);
    await expect(names(other)).rejects.toThrow('lost');
    expect(await names(other)).toEqual(await names(catalog));
  });
});

async function names(catalog: SeriesCatalog): Promise<string[]> {
  const { series } = await catalog.find(['p'], [], undefined);
  return series.map(({ labels }) => labels.metricName).sort();
}

async function writeLabels(
  table: TableDouble,
  pk: string,
  writtenMs: number,
  metrics: readonly string[],
): Promise<void> {
  const blocks = buildLabelsBlocks(metrics.map((metric) => Labels.from({ __name__: metric })));
  const items = blocks.map((payload) => ({
    pk,
    sk: writtenSortKey(writtenMs, contentHash(payload)),
    payload,
    ttlSeconds: NOW,
  }));
  await writeItems(openTable(table), items);
}
