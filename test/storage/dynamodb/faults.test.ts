import { describe, expect, it } from 'vitest';
import { CorruptBlockError } from '../../../lib/chunkenc/corrupt-block-error.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { DynamoLedger } from '../../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoStorage, type DynamoStorageOptions } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import type { CommitReport, Storage } from '../../../lib/storage/interface.ts';
import { newTally } from '../../../lib/storage/ledger.ts';
import { type SeriesIdentity, seriesIdentity } from '../../../lib/storage/series-identity.ts';
import { awsError, type TableDouble, tableDouble } from './table-double.ts';

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
const HOUR = 3600_000;
const ALL = { mint: NOW - 24 * HOUR, maxt: NOW + HOUR };

describe('a store whose table fails', () => {
  it('gives each sample once after a commit that failed half-way and was made again', async () => {
    for (const [taken, first] of [0, 1].flatMap((n) => [[n, 'labels'] as const, [n, 'samples'] as const])) {
      const table = tableDouble();
      const storage = open(table);
      const failure = awsError('AccessDeniedException');
      table.plan.push(...(first === 'labels' ? [taken, failure] : [99, taken, failure]));
      await expect(write(storage)).rejects.toThrow(StorageUnavailableError);
      table.plan.length = 0;
      await write(storage);
      for (const reader of [storage, open(table)]) {
        const found = await reader.querier('t').select(ALL);
        expect(found.map(({ labels, floats }) => [labels.metricName, [...floats.values]])).toEqual([
          ['a', [1, 2]],
          ['b', [1, 2]],
        ]);
      }
    }
  });

  it('replaces the items of a batch that is written again', async () => {
    const table = tableDouble();
    await write(open(table));
    const before = [...table.items.keys()];
    await write(open(table));
    expect([...table.items.keys()]).toEqual(before);
  });

  it('never shows a sample without its labels, nor fails, between the two writes', async () => {
    const table = tableDouble();
    const reader = open(table);
    const seen: number[] = [];
    table.onBatch = async (keys) => {
      if (!keys.some((key) => key.startsWith('t/'))) return;
      seen.push((await reader.querier('t').select(ALL)).length);
    };
    await write(open(table));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(new Set(seen)).toEqual(new Set([0]));
    expect(await reader.querier('t').select(ALL)).toHaveLength(2);
  });

  it('writes labels before samples, and each new series of a day once', async () => {
    const table = tableDouble();
    const batches: string[][] = [];
    table.onBatch = (keys) => {
      batches.push(keys.map((key) => key.split('/')[1] as string));
    };
    const storage = open(table);
    await write(storage);
    expect(batches).toEqual([
      ['labels', 'days', 'epochs'],
      ['samples', 'samples'],
    ]);
    await write(storage, 1);
    expect(batches.slice(2)).toEqual([['samples', 'samples']]);
    await write(open(table), 2);
    expect(batches.slice(3)).toEqual([
      ['days', 'epochs'],
      ['samples', 'samples'],
    ]);
  });

  it('writes labels again when it cannot find out whether they are there', async () => {
    const table = tableDouble();
    await write(open(table));
    table.queryError = awsError('AccessDeniedException');
    const report = await write(open(table), 1);
    expect(report.newSeries).toBe(2);
    table.queryError = undefined;
    expect(await open(table).querier('t').select(ALL)).toHaveLength(2);
  });

  it('tells readers that the table is out of reach', async () => {
    const table = tableDouble();
    table.queryError = awsError('ResourceNotFoundException');
    await expect(open(table).querier('t').select(ALL)).rejects.toThrow(
      'cannot read table tributary: ResourceNotFoundException: ResourceNotFoundException happened',
    );
    await expect(open(table).querier('t').metadata()).rejects.toThrow(StorageUnavailableError);
    const ledger = new DynamoLedger({ ...table, now: () => NOW });
    await expect(ledger.totals('t', NOW, NOW)).rejects.toThrow(StorageUnavailableError);
  });

  it('does not record an account that the table did not take', async () => {
    const table = tableDouble();
    const ledger = new DynamoLedger({ ...table, now: () => NOW });
    const entry = { id: 'a', source: 's', timestamp: NOW, tally: newTally(), examples: [] };
    table.plan.push(awsError('AccessDeniedException'));
    await expect(ledger.record('t', [entry])).rejects.toThrow(StorageUnavailableError);
    await ledger.record('t', [entry]);
    expect(await ledger.totals('t', NOW, NOW)).toMatchObject([{ source: 's', messages: 1 }]);
  });

  it('names the item that is damaged', async () => {
    const table = tableDouble();
    await write(open(table));
    for (const [key, item] of table.items) {
      const payload = item['d']?.B ?? new Uint8Array(0);
      if (key.includes('/samples/')) payload[20] = (payload[20] as number) + 1;
    }
    await expect(open(table).querier('t').select(ALL)).rejects.toThrow(CorruptBlockError);
    await expect(open(table).querier('t').select(ALL)).rejects.toThrow(
      /^cannot read item \d{13}#\d{13}#[0-9a-f]{16} of partition t\/samples\/derived\/0\/\d{13}: .*checksum/,
    );
  });
});

describe('a store with many items', () => {
  it('reads all pages, and passes over what has expired', async () => {
    const table = tableDouble();
    table.pageSize = 1;
    const storage = open(table);
    for (let i = 0; i < 5; i++) await write(storage, i);
    const [a] = await open(table).querier('t').select(ALL);
    expect([...(a?.floats.values ?? [])]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    for (const item of table.items.values()) {
      if (item['pk']?.S?.includes('/samples/')) Object.assign(item, { ttl: { N: String(Math.floor(NOW / 1000) - 1) } });
    }
    expect(await open(table).querier('t').select(ALL)).toEqual([]);
  });

  it('splits what does not fit one item, and stays under 400 KB', async () => {
    const table = tableDouble();
    const appender = open(table).appender('t', 'derived');
    for (let i = 0; i < 90_000; i++) {
      appender.append(metric(`m${i % 3}`), { timestamp: NOW - i * 20, value: Math.sin(i) });
    }
    const report = await appender.commit();
    expect(report.samples).toBe(90_000);
    for (const item of table.items.values()) expect(item['d']?.B?.length).toBeLessThan(395_000);
    const found = await open(table).querier('t').select(ALL);
    expect(found.map(({ floats }) => floats.values.length)).toEqual([30_000, 30_000, 30_000]);
    expect(found[0]?.floats.values.at(-1)).toBe(Math.sin(0));
  });

  it('reads only the end of an open bucket for an instant query', async () => {
    const table = tableDouble();
    const storage = open(table);
    for (let i = 0; i < 20; i++) await write(storage, -i * 60_000);
    const reader = open(table);
    await reader.querier('t').select(ALL);
    table.queries.length = 0;
    await reader.querier('t').select({ mint: NOW - 1000, maxt: NOW });
    expect(table.queries.filter((pk) => pk.includes('/samples/derived/'))).toHaveLength(1);
  });
});

describe('two label sets with one identity', () => {
  const collide: DynamoStorageOptions['identify'] = (labels) => ({
    ...seriesIdentity(labels),
    id: '00000000000000ff',
    high: 0,
    low: 0xff,
  });

  const collideOnly: DynamoStorageOptions['identify'] = (labels) =>
    labels.metricName === 'good' ? seriesIdentity(labels) : (collide?.(labels) as SeriesIdentity);
  const refusedOf = ({ refused = [] }: CommitReport) => refused.map(({ labels }) => labels.metricName);
  const stored = async (table: TableDouble) =>
    (await open(table, collideOnly).querier('t').select(ALL)).map(({ labels }) => labels.metricName);

  it('are not both taken from one commit, and everything else of it is', async () => {
    for (const names of [
      ['a', 'good', 'b'],
      ['b', 'a', 'good'],
    ]) {
      const table = tableDouble();
      const report = await writeAll(open(table, collideOnly), names);
      expect(refusedOf(report)).toEqual(['b']);
      expect(report.refused?.[0]).toMatchObject({
        reason: 'id_collision',
        detail: 'b would be stored as 00000000000000ff, but a, of the same commit, has it',
      });
      expect(await stored(table)).toEqual(['a', 'good']);
    }
  });

  it('are not both taken by a writer that knows the other, from itself or from the table', async () => {
    const table = tableDouble();
    const storage = open(table, collideOnly);
    await writeAll(storage, ['b']);
    for (const writer of [storage, open(table, collideOnly)]) {
      const report = await writeAll(writer, ['a', 'good', 'b']);
      expect(refusedOf(report)).toEqual(['a']);
      expect(report.refused?.[0]?.detail).toContain('another series of that day has it');
    }
    expect(await stored(table)).toEqual(['b', 'good']);
  });

  it('are refused by a reader that sees both', async () => {
    const table = tableDouble();
    table.queryError = awsError('AccessDeniedException');
    await writeAll(open(table, collide), ['a']);
    await writeAll(open(table, collide), ['b']);
    table.queryError = undefined;
    await expect(open(table, collide).querier('t').select(ALL)).rejects.toThrow(
      'cannot read series 00000000000000ff: a and b share this id',
    );
  });
});

function open(table: TableDouble, identify = seriesIdentity): Storage {
  const retention = { normalised: { days: 2 }, derived: { days: 9 } };
  return new DynamoStorage({ ...table, retention, now: () => NOW, identify });
}

/** Two series with a sample in each of two buckets. */
async function write(storage: Storage, shift = 0) {
  const appender = storage.appender('t', 'derived');
  for (const name of ['a', 'b']) {
    appender.append(metric(name), { timestamp: NOW - 3 * HOUR + shift, value: 1 });
    appender.append(metric(name), { timestamp: NOW + shift, value: 2 });
  }
  return appender.commit();
}

async function writeAll(storage: Storage, names: readonly string[]) {
  const appender = storage.appender('t', 'derived');
  for (const name of names) appender.append(metric(name), { timestamp: NOW, value: 1 });
  return appender.commit();
}

function metric(name: string): Labels {
  return Labels.from({ __name__: name });
}
