import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { Matcher } from '../../../lib/model/matcher.ts';
import type { CompactionStep } from '../../../lib/storage/compactor.ts';
import { DynamoCompactable } from '../../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import type { RetentionClass } from '../../../lib/storage/interface.ts';
import { seriesIdentity } from '../../../lib/storage/series-identity.ts';
import { type TableDouble, tableDouble } from './table-double.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2025, 10, 22, 8, 0, 0);
const RETENTION = { normalised: { days: 2 }, derived: { days: 40 } };

describe('DynamoCompactor', () => {
  it('does nothing before an epoch is closed, and everything in one pass after it', async () => {
    const world = newWorld();
    await world.write('derived', 10);
    world.now = START + 2 * HOUR + 29 * 60_000;
    expect(await world.compact('derived')).toEqual([]);
    expect(await world.compactor('derived').backlog()).toEqual({ epochs: 0, leftovers: 0 });
    world.now = START + 2 * HOUR + 30 * 60_000;
    expect(await world.compactor('derived').backlog()).toEqual({ epochs: 1, oldest: START, leftovers: 0 });
    expect(await world.compact('derived')).toEqual(['merged', 'cleared']);
    expect(await world.compactor('derived').backlog()).toEqual({ epochs: 0, leftovers: 0 });
    expect(world.keys('/samples/')).toEqual([]);
    expect(await world.count()).toBe(20);
  });

  it('leaves merged blocks of a class that is kept for days to expire, and never reads them again', async () => {
    const world = newWorld();
    await world.write('normalised', 10);
    world.now = START + 3 * HOUR;
    await world.compact('normalised');
    expect(world.keys('/samples/').length).toBeGreaterThan(0);
    world.table.queries.length = 0;
    expect(await world.count()).toBe(20);
    expect(world.table.queries.filter((pk) => pk.includes('/samples/'))).toEqual([]);
  });

  it('takes late samples into the chunks of their bucket', async () => {
    const world = newWorld();
    await world.write('derived', 10);
    world.now = START + 3 * HOUR;
    await world.compact('derived');
    await world.write('derived', 1, 17);
    expect(await world.count()).toBe(22);
    world.now = START + 6 * HOUR;
    await world.compact('derived');
    expect(await world.count()).toBe(22);
    expect(world.keys('/samples/')).toEqual([]);
  });

  it('bounds the runs of a bucket however many late samples come', async () => {
    const world = newWorld();
    await world.write('derived', 100);
    for (let i = 0; i < 12; i++) {
      world.now += 3 * HOUR;
      await world.compact('derived');
      await world.write('derived', 1, 1000 + i);
    }
    world.now += 3 * HOUR;
    await world.compact('derived');
    expect(world.keys('/chunks/').length).toBeLessThanOrEqual(6);
    expect(await world.count()).toBe(2 * 112);
  });

  it('removes replaced chunks after an hour, and serves whoever reads them until then', async () => {
    const world = newWorld();
    await world.write('derived', 10);
    world.now = START + 3 * HOUR;
    await world.compact('derived');
    const before = world.keys('/chunks/');
    await world.write('derived', 9, 100);
    world.now = START + 6 * HOUR;
    await world.compact('derived');
    expect(world.keys('/chunks/')).toEqual(expect.arrayContaining(before));
    world.now += 2 * HOUR;
    await world.compact('derived');
    expect(world.keys('/chunks/').filter((key) => before.includes(key))).toEqual([]);
    expect(world.keys('/leftovers/')).toEqual([]);
    expect(await world.count()).toBe(38);
  });

  it('makes a compaction fail that slept while its chunks were cleared away', async () => {
    const world = newWorld();
    await world.write('derived', 10);
    world.now = START + 3 * HOUR;
    // It sleeps before its manifest, and another one finds what it left, but no log: as if that were long done.
    const { promise: awake, resolve: wake } = gate();
    const { promise: asleep, resolve: fallAsleep } = gate();
    const client = {
      send: async (command: never) => {
        if ((command as object) instanceof PutItemCommand) {
          fallAsleep();
          await awake;
        }
        return world.table.client.send(command);
      },
    } as unknown as DynamoDBClient;
    const sleeper = world.compactor('derived', client).step();
    await asleep;
    const hidden = [...world.table.items].filter(([key]) => key.includes('/epochs/'));
    for (const [key] of hidden) world.table.items.delete(key);
    world.now += 2 * HOUR;
    await world.compact('derived');
    expect(world.keys('/chunks/')).toEqual([]);
    for (const [key, item] of hidden) world.table.items.set(key, item);
    wake();
    expect((await sleeper).kind).toBe('overtaken');
    expect(await world.count()).toBe(20);
    await world.compact('derived');
    expect(await world.count()).toBe(20);
  });

  it('reads only the chunks of the metric and the time that is asked for', async () => {
    const world = newWorld();
    const appender = world.storage().appender('t', 'derived');
    for (let i = 0; i < 20; i++) {
      for (let k = 0; k < 200; k++) {
        appender.append(metric(`metric_${i}`, `pod${k}`), { timestamp: START + k * 30_000, value: k });
        appender.append(metric(`metric_${i}`, `pod${k}`), {
          timestamp: START + k * 30_000 + 15_000,
          value: Math.sin(k),
        });
      }
    }
    await appender.commit();
    world.now = START + 3 * HOUR;
    await world.compact('derived');
    world.table.gets.length = 0;
    const one = [new Matcher('=', '__name__', 'metric_7'), new Matcher('=', 'pod', 'pod3')];
    const storage = world.storage();
    const found = await storage.querier('t').select({ mint: START, maxt: START + DAY }, ...one);
    expect(found.map(({ floats }) => floats.values.length)).toEqual([2]);
    expect(world.table.gets).toEqual([1]);
    await storage.querier('t').select({ mint: START, maxt: START + DAY }, ...one);
    expect(world.table.gets).toEqual([1]);
    await storage.querier('t').select({ mint: START + HOUR + 50 * 60_000, maxt: START + DAY }, ...one);
    expect(world.table.gets).toEqual([1]);
  });

  it('reads no more chunks when whoever asks has enough', async () => {
    const world = newWorld();
    const appender = world.storage().appender('t', 'derived');
    for (let i = 0; i < 450; i++) appender.append(metric('a', 'p'), { timestamp: START - i * 2 * HOUR, value: i });
    await appender.commit();
    world.now = START + 3 * HOUR;
    await world.compact('derived');
    let told = 0;
    const read = (most: number) => {
      world.table.gets.length = 0;
      told = 0;
      const onSamples = (count: number) => {
        told += count;
        if (told > most) throw new Error('enough');
      };
      return world.storage().querier('t').select({ mint: 0, maxt: START, onSamples });
    };
    expect((await read(450))[0]?.floats.values).toHaveLength(450);
    expect([told, world.table.gets]).toEqual([450, [100, 100, 100, 100, 50]]);
    await expect(read(10)).rejects.toThrow('enough');
    expect(world.table.gets).toEqual([100, 100, 100, 100]);
  });

  it('keeps every item under 400 KB, and every sample', async () => {
    const world = newWorld();
    const appender = world.storage().appender('t', 'derived');
    for (let i = 0; i < 130_000; i++) {
      appender.append(metric('noise', `p${i % 2}`), { timestamp: START + Math.floor(i / 2) * 100, value: Math.sin(i) });
    }
    await appender.commit();
    world.now = START + 3 * HOUR;
    await world.compact('derived');
    expect(world.keys('/chunks/').length).toBeGreaterThan(2);
    for (const item of world.table.items.values()) expect(item['d']?.B?.length).toBeLessThan(395_000);
    expect(await world.count()).toBe(130_000);
  });

  it('drops what is past retention instead of packing it', async () => {
    const world = newWorld();
    await world.write('normalised', 10);
    world.now = START + 2 * DAY + 60 * 60_000;
    await world.compact('normalised');
    expect(world.keys('/chunks/')).toEqual([]);
    expect(world.keys('/epochs/').filter((key) => !key.endsWith('progress'))).toEqual([]);
  });

  it('ends with what is left when the class is kept longer from now on, and chunks of before expire', async () => {
    const world = newWorld();
    await world.write('normalised', 100);
    world.now = START + 3 * HOUR;
    await world.compact('normalised');
    world.retention = { ...RETENTION, normalised: { days: 30 } };
    await world.write('normalised', 1, 1000);
    world.now = START + 6 * HOUR;
    await world.compact('normalised');
    expect(await world.count()).toBe(202);
    world.now = START + 4 * DAY;
    world.expire();
    expect(await world.count()).toBe(0);
    await world.write('normalised', 50, 2000);
    expect(await world.count()).toBe(100);
    world.now += 3 * HOUR;
    await world.compact('normalised');
    expect(await world.count()).toBe(100);
  });

  it('names what is written since the class is kept longer for as long as it is kept', async () => {
    const world = newWorld();
    await world.write('normalised', 10);
    world.retention = { ...RETENTION, normalised: { days: 30 } };
    await world.write('normalised', 5, 3 * 3600);
    world.now = START + 4 * DAY + HOUR;
    world.expire();
    expect(await world.count()).toBe(10);
  });

  it('goes on where a manifest has expired that nobody has deleted yet', async () => {
    const world = newWorld();
    await world.write('normalised', 10);
    world.now = START + 3 * HOUR;
    await world.compact('normalised');
    world.retention = { ...RETENTION, normalised: { days: 30 } };
    world.now = START + 4 * DAY;
    await world.write('normalised', 5, 1000);
    world.now += 3 * HOUR;
    expect(await world.compact('normalised')).toContain('merged');
    expect(await world.count()).toBe(10);
  });

  it('packs the labels of a day that is over into one block, and sees series that come even later', async () => {
    const world = newWorld();
    for (let i = 0; i < 8; i++) await world.write('derived', 1, i, `job${i}`);
    expect(world.keys('/labels/').length).toBe(8);
    world.now = START + 20 * HOUR;
    await world.compact('derived');
    expect(world.keys('/labels/').length).toBe(1);
    await world.write('derived', 1, 0, 'late', START + HOUR);
    const names = await world
      .storage()
      .querier('t')
      .labelValues('job', { mint: START, maxt: START + DAY });
    expect(names).toHaveLength(9);
    world.now += HOUR;
    await world.compact('derived');
    expect(
      await world
        .storage()
        .querier('t')
        .labelValues('job', { mint: START, maxt: START + DAY }),
    ).toHaveLength(9);
  });

  it('refuses to merge two series of one id, and says which', async () => {
    const world = newWorld();
    const collide = (labels: Labels) => ({ ...seriesIdentity(labels), id: '00000000000000ff', high: 0, low: 0xff });
    for (const name of ['a', 'b']) {
      world.table.queryError = new Error('nobody knows');
      const appender = new DynamoStorage({ ...world.settings(), identify: collide }).appender('t', 'derived');
      appender.append(metric(name, 'p'), { timestamp: START, value: 1 });
      await appender.commit();
      world.table.queryError = undefined;
    }
    world.now = START + 3 * HOUR;
    const compactor = new DynamoCompactable({ ...world.settings(), identify: collide }).compactor('t', 'derived');
    await expect(compactor.step()).rejects.toThrow('cannot compact series 00000000000000ff');
  });
});

function newWorld() {
  const table: TableDouble = tableDouble();
  const world = {
    table,
    now: START,
    retention: RETENTION,
    settings: (client = table.client) => ({ ...table, client, retention: world.retention, now: () => world.now }),
    storage: () => new DynamoStorage(world.settings()),
    compactor: (of: RetentionClass, client?: DynamoDBClient) =>
      new DynamoCompactable(world.settings(client)).compactor('t', of),
    /** Steps until there is nothing more to do; their kinds. */
    async compact(of: RetentionClass): Promise<CompactionStep['kind'][]> {
      const compactor = world.compactor(of);
      const kinds: CompactionStep['kind'][] = [];
      for (let { kind } = await compactor.step(); kind !== 'idle'; { kind } = await compactor.step()) {
        kinds.push(kind);
        if (kinds.length > 1000) throw new Error(`there is no end of it: ${kind}`);
      }
      return kinds;
    },
    /** Deletes what has expired, as DynamoDB does in its own time. */
    expire() {
      for (const [key, { ttl }] of table.items) if (Number(ttl?.N) * 1000 <= world.now) table.items.delete(key);
    },
    /** Two series of `count` samples in the first bucket, from the `first`-th place on. */
    async write(of: RetentionClass, count: number, first = 0, job = 'j', base = START) {
      const appender = world.storage().appender('t', of);
      for (const name of ['a', 'b']) {
        for (let i = first; i < first + count; i++) {
          const labels = Labels.from({ __name__: name, job });
          appender.append(labels, { timestamp: base + i * 1000, value: i });
        }
      }
      await appender.commit();
    },
    async count(): Promise<number> {
      const found = await world.storage().querier('t').select({ mint: 0, maxt: Number.MAX_SAFE_INTEGER });
      return found.reduce((sum, { floats }) => sum + floats.timestamps.length, 0);
    },
    keys: (part: string) => [...table.items.keys()].filter((key) => key.includes(part)),
  };
  return world;
}

function metric(name: string, pod: string): Labels {
  return Labels.from({ __name__: name, pod });
}

function gate() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve };
}
