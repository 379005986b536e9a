import { describe, expect, it } from 'vitest';
import { DynamoLedger } from '../../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoUsageReader } from '../../../lib/storage/dynamodb/dynamo-usage-reader.ts';
import { DynamoUsageRecorder } from '../../../lib/storage/dynamodb/dynamo-usage-recorder.ts';
import { DynamoUsageSums } from '../../../lib/storage/dynamodb/dynamo-usage-sums.ts';
import { newTally } from '../../../lib/storage/ledger.ts';
import { newUsage, type UsageByWork } from '../../../lib/storage/usage.ts';
import { tableDouble } from './table-double.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2025, 10, 22, 22, 0, 0);

describe('what tenants took', () => {
  it('is the same entry by entry and added up, and an entry that is recorded again counts once', async () => {
    const world = newWorld();
    for (const hour of [0, 1, 2, 3]) {
      world.now = START + hour * HOUR + 600_000;
      await world.recorder.recordUsage('acme', entry(`e${hour}`, world.now, 5));
      await world.recorder.recordUsage('acme', entry(`e${hour}`, world.now, 5));
      await world.ledger.record('acme', [message(`m${hour}`, world.now, 2), message(`n${hour}`, world.now, 1)]);
      // Delivered again, a second later.
      const again = message(`n${hour}`, world.now, 3);
      world.now += 1000;
      await world.ledger.record('acme', [again]);
    }
    await world.recorder.recordUsage('zeta', entry('e0', world.now, 100));
    // What a commit took counts for each commit, even of messages that were committed before.
    for (const id of ['c1', 'c2', 'c2']) {
      await world.ledger.record('acme', [{ ...message('m3', world.now, 2), commit: { id, usage: usageOf(10) } }]);
    }
    const wanted = [0, 1, 2, 3].map((hour) => [START + hour * HOUR, 5 + 2 + 3 + (hour === 3 ? 20 : 0)]);
    // Not older than three hours: nothing is added up yet.
    world.now = START + 3 * HOUR + 700_000;
    expect((await world.writes()).slice(1)).toEqual(wanted.slice(1));
    world.now = START + 4 * HOUR + 1_900_000;
    expect(await world.addAllUp()).toBeGreaterThan(0);
    expect(await world.writes()).toEqual(wanted);
    world.table.queries.length = 0;
    expect(await world.writes(START, START + HOUR)).toEqual(wanted.slice(0, 2));
    expect(world.table.queries.filter((pk) => pk.includes('/ledger/'))).toEqual([]);
  });

  it('is added up once an hour, and once more a day later for what came late', async () => {
    const world = newWorld();
    await world.recorder.recordUsage('acme', entry('in-time', START, 1));
    world.now = START + HOUR + 29 * 60_000;
    await world.addAllUp();
    const before = world.table.queries.length;
    await world.sums.addUp('acme');
    expect(world.table.queries.length).toBe(before);
    world.now = START + HOUR + 30 * 60_000;
    expect(await world.sums.addUp('acme')).toBe(1);
    await world.recorder.recordUsage('acme', entry('late', START, 7));
    expect(await world.writes(START, START + HOUR - 1)).toEqual([[START, 1]]);
    for (let hour = 2; hour <= 24; hour++) {
      world.now = START + hour * HOUR + 30 * 60_000;
      await world.addAllUp();
    }
    expect(await world.writes(START, START + HOUR - 1)).toEqual([[START, 1]]);
    world.now = START + DAY + HOUR + 30 * 60_000;
    await world.addAllUp();
    expect(await world.writes(START, START + HOUR - 1)).toEqual([[START, 8]]);
  });

  it('survives two that add up at the same time, and one that dies', async () => {
    const world = newWorld();
    await world.recorder.recordUsage('acme', entry('a', START, 4));
    await world.recorder.recordUsage('acme', entry('b', START + 3 * HOUR, 6));
    world.now = START + 30 * HOUR;
    const others = [world.sums, world.newSums(), world.newSums()];
    await Promise.all(others.map((sums) => sums.addUp('acme')));
    world.table.queryError = new Error('gone');
    await expect(world.newSums().addUp('acme')).rejects.toThrow('gone');
    world.table.queryError = undefined;
    await world.addAllUp(world.newSums());
    expect(await world.writes(START - DAY, world.now)).toEqual([
      [START, 4],
      [START + 3 * HOUR, 6],
    ]);
  });

  it('is nothing for who took nothing', async () => {
    const world = newWorld();
    expect(await world.reader.hours('acme', 0, START)).toEqual([]);
  });
});

function newWorld() {
  const table = tableDouble();
  const world = { now: START, table };
  const options = { ...table, now: () => world.now };
  const reader = new DynamoUsageReader(options);
  const sums = new DynamoUsageSums(options);
  return Object.assign(world, {
    reader,
    sums,
    newSums: () => new DynamoUsageSums(options),
    ledger: new DynamoLedger(options),
    recorder: new DynamoUsageRecorder(options),
    async addAllUp(by = sums): Promise<number> {
      let hours = 0;
      for (let added = await by.addUp('acme'); added > 0; added = await by.addUp('acme')) hours += added;
      return hours;
    },
    /** Start and write units of each hour. */
    async writes(mint = START, maxt = world.now): Promise<(readonly [number, number])[]> {
      const hours = await reader.hours('acme', mint, maxt);
      return hours.map(({ hour, usage }) => [
        hour,
        Object.values(usage).reduce((sum, { writeUnits }) => sum + writeUnits, 0),
      ]);
    },
  });
}

function usageOf(writeUnits: number): UsageByWork {
  return { evaluate: { ...newUsage(), writeUnits } };
}

function entry(id: string, timestamp: number, writeUnits: number) {
  return { id, timestamp, usage: usageOf(writeUnits) };
}

function message(id: string, timestamp: number, writeUnits: number) {
  return { id, source: 's', timestamp, tally: newTally(), examples: [], usage: usageOf(writeUnits) };
}
