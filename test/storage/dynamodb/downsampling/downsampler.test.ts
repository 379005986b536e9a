import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../../../lib/model/labels.ts';
import { Matcher } from '../../../../lib/model/matcher.ts';
import type { CompactionStep } from '../../../../lib/storage/compactor.ts';
import { DynamoCompactable } from '../../../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../../../../lib/storage/dynamodb/dynamo-storage.ts';
import type { Retention, Series, WindowValue } from '../../../../lib/storage/interface.ts';
import { awsError, type TableDouble, tableDouble } from '../table-double.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2025, 10, 22);
const DOWNSAMPLING: Retention = {
  normalised: { days: 2 },
  derived: { days: 4, downsampled: { '5m': { days: 10 }, '1h': { days: 100 } } },
};
const NAMES = ['a', 'b'];

describe('Downsampler', () => {
  it('makes windows of a day six hours after its end, and once', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR - 1;
    // The day before has its last window at midnight, where the first samples are.
    expect((await world.compact()).filter((kind) => kind === 'downsampled')).toHaveLength(1);
    expect(world.keys(`/${START}/run`).filter((key) => key.includes('/windows/'))).toEqual([]);
    world.now += 1;
    expect(await world.compact()).toEqual(['downsampled']);
    expect(world.keys('/windows/5m/').length).toBeGreaterThan(0);
    expect(world.keys('/windows/1h/').length).toBeGreaterThan(0);
    await world.rest();
    const { size } = world.table.items;
    expect(await world.compact()).toEqual([]);
    expect(world.table.items.size).toBe(size);
  });

  it('does nothing unless it is told to', async () => {
    const world = newWorld({ ...DOWNSAMPLING, derived: { days: 4 } });
    await world.writeDay(START);
    world.now = START + DAY + 7 * HOUR;
    expect(await world.compact()).not.toContain('downsampled');
    expect(world.keys('window')).toEqual([]);
    expect(world.keys('downsampling')).toEqual([]);
    expect(world.storage().querier('t').downsampling).toBeUndefined();
  });

  it('makes windows anew when late samples have come, and removes the old ones an hour later', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    const before = world.keys('/windows/');
    await world.write([[START + 5 * MINUTE + 30_000, 1e6]]);
    for (let i = 0; i < 2; i++) {
      world.now += 3 * HOUR;
      await world.compact();
    }
    expect(await world.largest()).toBe(1e6);
    await world.rest();
    const after = world.keys('/windows/');
    expect(after.filter((key) => before.includes(key))).toEqual([]);
    // Both widths have falls now.
    expect(after).toHaveLength(before.length + 4);
    expect(await world.largest()).toBe(1e6);
  });

  it('may die at any request: what is begun again is the same, and nothing is left behind', async () => {
    const whole = newWorld();
    await whole.writeDay(START);
    whole.now = START + DAY + 6 * HOUR;
    await whole.compact();
    await whole.rest();
    const expected = whole.shape();
    for (let deaths = 0; ; deaths++) {
      const world = newWorld();
      await world.writeDay(START);
      world.now = START + DAY + 5 * HOUR;
      await world.compact();
      world.now += HOUR;
      const isDead = await world.compactUntil(deaths);
      await world.compact();
      expect(await world.largest()).toBe(1439);
      await world.rest();
      expect(await world.largest()).toBe(1439);
      expect(world.shape()).toEqual(expected);
      if (!isDead) {
        expect(deaths).toBeGreaterThan(20);
        return;
      }
    }
  });

  it('goes on in the next invocation where one stopped', async () => {
    const world = await worldOfSlices(['a', 'b', 'c']);
    const written: number[] = [];
    while (!(await world.isMade())) {
      expect(written.length).toBeLessThan(10);
      const before = world.keys('/windows/').length;
      await world.compactSteps(1);
      written.push(world.keys('/windows/').length - before);
      // Long enough for leftovers of days that nobody goes on with to be cleared away.
      world.now += 2 * HOUR;
    }
    expect(written).toEqual([12, 12, 12]);
    await world.rest();
    expect(await world.largest()).toBe(1439);
    expect(world.keys('unfinished')).toEqual([]);
  });

  it('begins a day anew when its samples change half-way', async () => {
    const world = await worldOfSlices(['a', 'b', 'c']);
    await world.compactSteps(1);
    const begun = world.keys(`/windows/5m/${START}`);
    expect(begun).toHaveLength(6);
    expect(world.keys('unfinished')).toHaveLength(1);
    await world.write([[START + 5 * MINUTE + 30_000, 1e6]], ['a']);
    await world.rest();
    expect(await world.isMade()).toBe(true);
    expect(await world.largest()).toBe(1e6);
    expect(world.keys(`/windows/5m/${START}`).filter((key) => begun.includes(key))).toEqual([]);
    expect(world.keys('unfinished')).toEqual([]);
    expect(world.keys('leftover#')).toEqual([]);
  });

  it('may die at any request of a day of several slices', async () => {
    const whole = await worldOfSlices(NAMES);
    await whole.compact();
    await whole.rest();
    const expected = whole.shape();
    for (let deaths = 0; ; deaths++) {
      const world = await worldOfSlices(NAMES);
      const isDead = await world.compactUntil(deaths);
      await world.compact();
      expect(await world.isMade()).toBe(true);
      await world.rest();
      expect(await world.largest()).toBe(1439);
      expect(world.shape()).toEqual(expected);
      expect(world.keys('unfinished')).toEqual([]);
      if (!isDead) {
        expect(deaths).toBeGreaterThan(20);
        return;
      }
    }
  });

  it('leaves alone what has begun to expire', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    const before = world.keys('/windows/');
    await world.write([[START + 5 * MINUTE + 30_000, 1e6]]);
    world.now = START + 4 * DAY + HOUR;
    await world.compact();
    world.now += 2 * HOUR;
    await world.compact();
    expect(world.keys('/windows/')).toEqual(before);
    expect(world.keys('changed#')).toEqual([]);
    expect(await world.largest()).toBe(1439);
  });

  it('leaves alone what has begun to expire before samples were kept longer', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    world.retention = { ...DOWNSAMPLING, derived: { ...DOWNSAMPLING.derived, days: 9 } };
    await world.write([[START + 5 * MINUTE + 30_000, 1e6]]);
    await world.rest();
    expect(await world.largest()).toBe(1e6);
    const before = world.keys('/windows/');
    // All buckets but the first have chunks that were written to be kept for four days.
    for (const late of [START + 4 * DAY + 3 * HOUR, START + 6 * DAY]) {
      world.now = late;
      await world.write([[START + 7 * HOUR, 2e6]]);
      await world.rest();
      expect(world.keys('/windows/')).toEqual(before);
      expect(world.keys('changed#')).toEqual([]);
      expect(await world.largest()).toBe(1e6);
    }
  });

  it('makes no width of a day whose samples have begun to expire when another one was made', async () => {
    const hours: Retention = { ...DOWNSAMPLING, derived: { days: 4, downsampled: { '1h': { days: 100 } } } };
    const world = newWorld(hours);
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    world.retention = { ...DOWNSAMPLING, derived: { ...DOWNSAMPLING.derived, days: 9 } };
    world.now = START + 6 * DAY;
    await world.write([[START + 7 * HOUR, 2e6]]);
    await world.rest();
    expect(world.keys('/windows/5m/')).toEqual([]);
    expect(await world.largest()).toBe(1439);
  });
});

describe('a querier', () => {
  it('reads one column of the windows alone', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    world.got.length = 0;
    const [series] = await world.select('max');
    expect(series?.downsampled?.segments).toEqual([{ after: START - DAY, upTo: START + DAY, width: HOUR }]);
    expect(series?.floats.timestamps).toHaveLength(25);
    expect(world.got.map((pk) => pk.slice(pk.lastIndexOf('/') + 1))).toEqual(['maxs', 'maxs']);
  });

  it('takes the finest windows where samples are gone, and knows their series still', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    world.now = START + 6 * DAY;
    expect((await world.select('max', 0))[0]?.downsampled?.segments.map(({ width }) => width)).toEqual([5 * MINUTE]);
    expect(await world.names()).toEqual(['a', 'b']);
    world.now = START + 20 * DAY;
    expect((await world.select('max', 0))[0]?.downsampled?.segments.map(({ width }) => width)).toEqual([HOUR]);
    expect(await world.select('max', 0, 5 * MINUTE)).toEqual([]);
    world.now = START + 103 * DAY;
    expect(await world.select('max', 0)).toEqual([]);
    expect(await world.names()).toEqual([]);
  });

  it('looks back over midnight for the end of a window, where a time after it goes by that', async () => {
    const world = newWorld();
    await world.writeDay(START);
    await world.writeDay(START + DAY);
    world.now = START + 2 * DAY + 6 * HOUR;
    await world.compact();
    world.now = START + 20 * DAY;
    const [lookback, instant] = [5 * MINUTE, START + DAY + 30 * MINUTE];
    const hints = { mint: instant - lookback + 1, maxt: instant };
    const windows = { value: 'last', preferred: 0, coarsest: HOUR } as const;
    const [series] = await world
      .storage()
      .querier('t')
      .select({ ...hints, windows }, new Matcher('=', '__name__', 'a'));
    expect([...(series?.floats.timestamps ?? [])]).toContain(START + DAY);
    expect(series?.downsampled?.segments).toEqual([{ after: START, upTo: START + 2 * DAY, width: HOUR }]);
  });

  it('begins again when windows are replaced and deleted while it reads', async () => {
    const world = newWorld();
    await world.writeDay(START);
    world.now = START + DAY + 6 * HOUR;
    await world.compact();
    let isFirst = true;
    world.beforeGet = async () => {
      if (!isFirst) return;
      isFirst = false;
      await world.write([[START + 5 * MINUTE + 30_000, 1e6]]);
      for (let i = 0; i < 4; i++) {
        world.now += 2 * HOUR;
        await world.compact();
      }
    };
    expect(await world.largest()).toBe(1e6);
    expect(isFirst).toBe(false);
  });
});

/** A day is due, in a slice for each series, and nothing else is left to do. */
async function worldOfSlices(names: readonly string[]) {
  const world = newWorld(DOWNSAMPLING, 1);
  for (const name of names) await world.writeDay(START, [name]);
  for (const hours of [2, 4.25, 5.75]) {
    world.now = START + DAY + hours * HOUR;
    await world.compact();
  }
  world.now = START + DAY + 6 * HOUR;
  return world;
}

function newWorld(retention: Retention = DOWNSAMPLING, sliceSamples = 12_000_000) {
  const table: TableDouble = tableDouble();
  let runs = 0;
  const world = {
    table,
    retention,
    now: START,
    /** Keys of the chunks that were asked for. */
    got: [] as string[],
    beforeGet: async () => {},
    settings: (client: DynamoDBClient) => {
      const newRun = () => `run${runs++}`;
      return { ...table, client, retention: world.retention, sliceSamples, now: () => world.now, newRun };
    },
    storage: () => new DynamoStorage(world.settings(table.client)),
    async compact(client = table.client): Promise<CompactionStep['kind'][]> {
      const compactor = new DynamoCompactable(world.settings(client)).compactor('t', 'derived');
      const kinds: CompactionStep['kind'][] = [];
      for (let { kind } = await compactor.step(); kind !== 'idle'; { kind } = await compactor.step()) kinds.push(kind);
      return kinds;
    },
    /** Does as much as an invocation comes to. */
    async compactSteps(steps: number) {
      const compactor = new DynamoCompactable(world.settings(table.client)).compactor('t', 'derived');
      for (let i = 0; i < steps; i++) await compactor.step();
    },
    /** Compacts until a request, which is carried out although nobody learns of it if its number is odd. Whether it came to that. */
    async compactUntil(fatal: number): Promise<boolean> {
      let requests = 0;
      const send = async (command: never) => {
        const number = requests++;
        if (number > fatal || (number === fatal && fatal % 2 === 0)) throw awsError('ProcessDied');
        const answer = await table.client.send(command);
        if (number === fatal) throw awsError('ProcessDied');
        return answer;
      };
      await world.compact({ send } as unknown as DynamoDBClient).catch(() => {});
      return requests > fatal;
    },
    /** Until nothing is left to be cleared away. */
    async rest() {
      for (let i = 0; i < 4; i++) {
        world.now += 2 * HOUR;
        await world.compact();
      }
    },
    /** Two series, a sample a minute, each one more than the one before. */
    async writeDay(day: number, names: readonly string[] = NAMES) {
      for (let bucket = day; bucket < day + DAY; bucket += 2 * HOUR) {
        world.now = bucket + 2 * HOUR;
        await world.write(
          Array.from({ length: 120 }, (_, i) => [bucket + i * MINUTE, (bucket - day) / MINUTE + i] as const),
          names,
        );
      }
    },
    async write(samples: readonly (readonly [timestamp: number, value: number])[], names: readonly string[] = NAMES) {
      const appender = world.storage().appender('t', 'derived');
      for (const name of names) {
        const labels = Labels.from({ __name__: name });
        for (const [timestamp, value] of samples) appender.append(labels, { timestamp, value });
      }
      await appender.commit();
    },
    select(value: WindowValue, preferred = HOUR, coarsest = Number.POSITIVE_INFINITY): Promise<readonly Series[]> {
      const send = async (command: never) => {
        if ((command as unknown) instanceof BatchGetItemCommand) {
          await world.beforeGet();
          const { RequestItems } = (command as BatchGetItemCommand).input;
          for (const { pk } of RequestItems?.['tributary']?.Keys ?? []) world.got.push(pk?.S ?? '');
        }
        return table.client.send(command);
      };
      const reader = new DynamoStorage(world.settings({ send } as unknown as DynamoDBClient));
      const hints = { mint: START, maxt: START + DAY, windows: { value, preferred, coarsest } };
      return reader.querier('t').select(hints, new Matcher('=', '__name__', 'a'));
    },
    async largest(): Promise<number> {
      const [series] = await world.select('max');
      return Math.max(...(series?.floats.values ?? []));
    },
    async isMade(): Promise<boolean> {
      const [series] = await world.select('max');
      return series?.downsampled?.segments.at(-1)?.upTo === START + DAY;
    },
    names: () =>
      world
        .storage()
        .querier('t')
        .labelValues('__name__', { mint: START, maxt: START + DAY }),
    keys: (part: string) => [...table.items.keys()].filter((key) => key.includes(part)),
    /** What there is of windows, whatever its runs are called. */
    shape: () =>
      world
        .keys('window')
        .map((key) => key.replace(/\/run\d+\/\d+-/, '/RUN/').replace(/\d{13}#/, 'WRITTEN#'))
        .sort(),
  };
  return world;
}
