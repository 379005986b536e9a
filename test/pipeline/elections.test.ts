import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, leaderAt } from '../../lib/context/leadership.ts';
import { Elections, LEADERS_AREA } from '../../lib/pipeline/elections.ts';
import { StorageUnavailableError } from '../../lib/storage/errors.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import type { RegisterName, Registers } from '../../lib/storage/registers.ts';

const CLUSTER = { tenant: 'acme', source: 'main', cluster: 'eu' };
const TIMEOUT = 30;
const SETTINGS = { failoverTimeout: TIMEOUT, memory: 100_000 };

describe('Elections', () => {
  it('decides the same for every worker, and after a restart', async () => {
    const registers = new MemoryRegisters();
    const [one, two] = [new Elections(registers), new Elections(registers)];
    const [first, second] = await Promise.all([
      one.decide(CLUSTER, [{ replica: 'a', timestamp: 100 }], SETTINGS),
      two.decide(CLUSTER, [{ replica: 'b', timestamp: 101 }], SETTINGS),
    ]);
    expect(leaderAt(second, 101)).toBe(leaderAt(first, 101) ?? 'a');
    const later = await new Elections(registers).decide(CLUSTER, [{ replica: 'b', timestamp: 110 }], SETTINGS);
    expect(leaderAt(later, 110)).toBe(leaderAt(second, 101));
  });

  it('keeps tenants, sources and clusters apart', async () => {
    const elections = new Elections(new MemoryRegisters());
    await elections.decide(CLUSTER, [{ replica: 'a', timestamp: 100 }], SETTINGS);
    for (const other of [{ tenant: 'b' }, { source: 'b' }, { cluster: '' }, { source: 'main","eu', cluster: '' }]) {
      const decided = await elections.decide({ ...CLUSTER, ...other }, [{ replica: 'b', timestamp: 100 }], SETTINGS);
      expect(leaderAt(decided, 100)).toBe('b');
    }
  });

  it('costs few writes: one for each quarter of the timeout, and no read for what is known', async () => {
    const { registers, counts } = counted();
    const elections = new Elections(registers);
    for (let timestamp = 0; timestamp < 3000; timestamp += 1) {
      const claims = ['a', 'b'].map((replica) => ({ replica, timestamp }));
      await elections.decide(CLUSTER, claims, SETTINGS);
    }
    expect(counts.writes).toBeLessThanOrEqual(3000 / (TIMEOUT / 4) + 1);
    expect(counts.reads).toBe(counts.writes);
  });

  it('fails, so that messages are delivered again, where it never gets its turn', async () => {
    const registers: Registers = { ...readsNothing, replace: async () => false };
    const election = new Elections(registers, { sleep: tick }).decide(
      CLUSTER,
      [{ replica: 'a', timestamp: 1 }],
      SETTINGS,
    );
    await expect(election).rejects.toThrow(StorageUnavailableError);
  });

  it('stays bounded, whatever a label makes of clusters', async () => {
    const { registers, counts } = counted();
    const elections = new Elections(registers);
    const decide = (i: number) =>
      elections.decide({ ...CLUSTER, cluster: `c${i}` }, [{ replica: 'a', timestamp: 1 }], SETTINGS);
    for (let i = 0; i < 1500; i++) await decide(i);
    const before = counts.reads;
    for (let i = 1499; i >= 500; i--) await decide(i);
    expect(counts.reads).toBe(before);
    await decide(0);
    expect(counts.reads).toBe(before + 1);
    expect(await registers.list('acme', LEADERS_AREA)).toHaveLength(1500);
  });

  it('takes no time from two replicas and leaves no gap, in any order, with any workers, through any kill', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const registers = slow(new MemoryRegisters(), plan.pauses);
        const messages = shuffled(plan);
        const taken = new Map<string, Set<number>>();
        const worker = async (mine: readonly Message[]) => {
          const options = { sleep: (ms: number) => pauseFor(Math.ceil(ms)), random: randomOf(plan.seed) };
          let elections = new Elections(registers, options);
          for (const [i, { replica, times }] of mine.entries()) {
            if (i % 7 === plan.restart) elections = new Elections(registers, options);
            const claims = times.map((timestamp): Claim => ({ replica, timestamp }));
            const leadership = await elections.decide(CLUSTER, claims, SETTINGS);
            const leading = times.filter((time) => leaderAt(leadership, time) === replica);
            taken.set(replica, new Set([...(taken.get(replica) ?? []), ...leading]));
          }
        };
        await Promise.all([0, 1, 2].map((w) => worker(messages.filter((_, i) => i % 3 === w))));
        const all = [...taken].flatMap(([replica, times]) => [...times].map((time) => ({ replica, time })));
        all.sort((a, b) => a.time - b.time);
        const leadership = await new Elections(registers).decide(CLUSTER, [], SETTINGS);
        // Every sample that was taken is the leader's own, by what all workers see in the end: no time has two.
        for (const { replica, time } of all) expect(leaderAt(leadership, time)).toBe(replica);
        const interval = Math.max(plan.intervalA, plan.intervalB);
        for (const [i, { time }] of all.entries()) {
          const before = all[i - 1]?.time;
          if (before === undefined || !somebodyLived(plan, before, time)) continue;
          expect(time - before).toBeLessThanOrEqual(2 * interval + TIMEOUT);
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

interface Message {
  readonly replica: string;
  readonly times: readonly number[];
}

interface Schedule {
  readonly intervalA: number;
  readonly intervalB: number;
  readonly offset: number;
  /** When a dies and when it is back; b's death begins while a lives. */
  readonly deadA: readonly [number, number];
  readonly deadB: readonly [number, number];
  readonly order: readonly number[];
  readonly repeated: readonly number[];
  readonly pauses: readonly number[];
  readonly restart: number;
  readonly seed: number;
}

const END = 1500;

const plans: fc.Arbitrary<Schedule> = fc.record({
  intervalA: fc.integer({ min: 3, max: 15 }),
  intervalB: fc.integer({ min: 3, max: 15 }),
  offset: fc.nat(15),
  deadA: fc.tuple(fc.integer({ min: 200, max: 500 }), fc.integer({ min: 500, max: 750 })),
  deadB: fc.tuple(fc.integer({ min: 800, max: 1000 }), fc.integer({ min: 1000, max: 1400 })),
  // Whole disorder, delays of a few messages, or none.
  order: fc.oneof(
    fc.array(fc.nat(10_000), { minLength: 400, maxLength: 400 }),
    fc.array(fc.nat(5), { minLength: 400, maxLength: 400 }),
    fc.constant([]),
  ),
  repeated: fc.array(fc.nat(300), { maxLength: 20 }),
  pauses: fc.array(fc.nat(2), { minLength: 1, maxLength: 20 }),
  restart: fc.nat(7),
  seed: fc.nat(),
});

function somebodyLived({ deadA, deadB }: Schedule, from: number, to: number): boolean {
  const isDead = ([begin, end]: readonly [number, number]) => from < end && to > begin;
  return !(isDead(deadA) && isDead(deadB));
}

/** What both replicas send, three scrapes a message, in the order of delivery. */
function shuffled({ intervalA, intervalB, offset, deadA, deadB, order, repeated }: Schedule): Message[] {
  const sent = [...messagesOf('a', intervalA, 0, deadA), ...messagesOf('b', intervalB, offset, deadB)].sort(
    (x, y) => (x.times.at(-1) ?? 0) - (y.times.at(-1) ?? 0),
  );
  const delivered = sent.map((message, i) => ({ message, at: i + (order[i] ?? 0) }));
  for (const i of repeated) {
    const message = sent[i];
    if (message !== undefined) delivered.push({ message, at: i + (order[(i + 7) % 400] ?? 3) });
  }
  return delivered.sort((x, y) => x.at - y.at).map(({ message }) => message);
}

function messagesOf(replica: string, interval: number, offset: number, [dead, back]: readonly [number, number]) {
  const times: number[] = [];
  for (let time = offset; time < END; time += interval) if (time < dead || time >= back) times.push(time);
  return Array.from({ length: Math.ceil(times.length / 3) }, (_, i): Message => {
    return { replica, times: times.slice(i * 3, i * 3 + 3) };
  });
}

/** Registers that let others in between. */
function slow(registers: Registers, pauses: readonly number[]): Registers {
  let calls = 0;
  const pause = () => pauseFor(pauses[calls++ % pauses.length] ?? 0);
  return {
    list: (tenant, area) => registers.list(tenant, area),
    async read<T>(tenant: string, register: RegisterName) {
      await pause();
      return registers.read<T>(tenant, register);
    },
    async replace(...args) {
      await pause();
      const done = await registers.replace(...args);
      await pause();
      return done;
    },
  };
}

async function pauseFor(ticks: number): Promise<void> {
  for (let i = 0; i < ticks; i++) await tick();
}

/** Numbers in [0, 1) that a failure repeats. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const readsNothing = { list: async () => [], read: async () => undefined };

function counted() {
  const memory: Registers = new MemoryRegisters();
  const counts = { reads: 0, writes: 0 };
  const registers: Registers = {
    list: (tenant, area) => memory.list(tenant, area),
    read<T>(tenant: string, register: RegisterName) {
      counts.reads++;
      return memory.read<T>(tenant, register);
    },
    replace(...args) {
      counts.writes++;
      return memory.replace(...args);
    },
  };
  return { registers, counts };
}
