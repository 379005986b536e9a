import { describe, expect, it } from 'vitest';
import { encodeLabelsBlock } from '../../../lib/chunkenc/encode-labels-block.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { MetricNames } from '../../../lib/storage/dynamodb/metric-names.ts';
import { openTable } from '../../../lib/storage/dynamodb/table.ts';
import { writeItems } from '../../../lib/storage/dynamodb/write-items.ts';
import { SeriesCollisionError } from '../../../lib/storage/errors.ts';
import type { SeriesIdentity } from '../../../lib/storage/series-identity.ts';
import { tableDouble } from './table-double.ts';

const PK = 't/labels/normalised/0';

describe('MetricNames', () => {
  it('names the series of all blocks, and reads each block once', async () => {
    const { write, refresh, names, identified } = open();
    await write('a', [series('up', '3'), series('down', '1')]);
    await refresh();
    await write('b', [series('up', '3'), series('late', '2')]);
    await refresh();
    expect(['1', '2', '3'].map((id) => names.of(7, Number(id)))).toEqual(['down', 'late', 'up']);
    expect(identified).toEqual(['3', '1', '3', '2']);
  });

  it('says which labels are missing', async () => {
    const { write, refresh, names } = open();
    await write('a', [series('up', '3')]);
    await refresh();
    expect(() => names.of(7, 4)).toThrow(`cannot compact series 0000000700000004: ${PK} has no labels of it`);
  });

  it.each([
    ['one block', [[series('up', '3', 'a'), series('up', '3', 'b')]]],
    ['two blocks', [[series('up', '3', 'a')], [series('up', '3', 'b')]]],
  ])('refuses two label sets of %s that share an id, each time it is asked', async (_, blocks) => {
    const { write, refresh } = open();
    for (const [i, block] of blocks.entries()) await write(String(i), block);
    await expect(refresh()).rejects.toThrow(SeriesCollisionError);
    await expect(refresh()).rejects.toThrow(SeriesCollisionError);
  });
});

function series(name: string, id: string, job = 'a'): Labels {
  return Labels.from({ __name__: name, id, job });
}

function open() {
  const table = openTable(tableDouble());
  const names = new MetricNames(PK);
  const identified: string[] = [];
  /** The id is a label, and label sets differ in their check. */
  const identify = (labels: Labels): SeriesIdentity => {
    identified.push(labels.get('id'));
    const low = Number(labels.get('id'));
    return { id: '', high: 7, low, check: labels.get('job') === 'a' ? 1 : 2 };
  };
  const write = (sk: string, block: readonly Labels[]) =>
    writeItems(table, [{ pk: PK, sk, payload: encodeLabelsBlock(block), ttlSeconds: 1e9 }]);
  return { names, identified, write, refresh: () => names.refresh(table, identify, 0) };
}
