import { describe, expect, it } from 'vitest';
import type { Defects } from './defects.ts';
import { type Scenario, SimulationError, simulate } from './simulate.ts';
import { ASKED, EPOCH, FEDERATED, MINUTE, PAIRED, SECOND, TENANTS } from './stage.ts';

/** Schedules within which each mistake has to be noticed; most are by the first ones. */
const SCHEDULES = 60;
const FROM = 100_001;

/** Samples are in time, and functions die often. */
const DEADLY: Partial<Scenario> = {
  weather: { faultRate: 0, killRate: 0.04, stallRate: 0, outages: [] },
  delay: 4 * MINUTE,
  evaluates: true,
  isCutOff: false,
  visibilityTimeout: 30 * SECOND,
};

/** The table is away for longer than a worker tries. */
const DARK: Partial<Scenario> = {
  weather: {
    faultRate: 0,
    killRate: 0,
    stallRate: 0,
    outages: [{ of: 'table', from: EPOCH + 10 * SECOND, to: EPOCH + 50 * SECOND }],
  },
};

const cast = (name: string) => TENANTS.filter((tenant) => tenant.name === name);

const FEDERATION: Partial<Scenario> = {
  tenants: cast(FEDERATED),
  weather: {
    faultRate: 0,
    killRate: 0,
    stallRate: 0,
    outages: [{ of: 'queue', from: EPOCH - 100 * SECOND, to: EPOCH + 30 * SECOND }],
  },
};

/** Who leads of a pair is decided by conditional writes. */
const PAIR: Partial<Scenario> = { tenants: cast(PAIRED) };

const QUERY: Partial<Scenario> = { ...DEADLY, tenants: cast(ASKED) };

/** Promises that the design rests on, broken one at a time: what is noticed, and by which words. */
const MISTAKES: readonly [name: string, defects: Defects, noticed: RegExp, fixed?: Partial<Scenario>][] = [
  ['a queue that loses messages', { queue: { loses: true } }, /is lost|was queued|the ledger counts/],
  ['a queue that deletes what a worker reports as failed', { queue: { ignoresFailures: true } }, /is lost/],
  ['a receiver that answers before the queue has the samples', { answersBeforeQueued: true }, /is lost/],
  ['a worker that takes a failed commit for a good one', { swallowsCommits: true }, /was stored as|is lost/, DARK],
  ['a worker that writes for another tenant', { mixesTenants: true }, /is now undefined|should be|is lost/],
  ['a ledger that counts deliveries', { countsDeliveries: true }, /the ledger counts/],
  ['an evaluator whose progress comes before its results', { advancesFirst: true }, /the result .* should be/, DEADLY],
  [
    'a scrape that takes a failed send for a good one',
    { scrapesBeforeQueued: true },
    /was acknowledged as/,
    FEDERATION,
  ],
  [
    'a query source whose progress comes before its results',
    { asksAndAdvancesFirst: true },
    /is lost|the ledger counts/,
    QUERY,
  ],
  ['a server that leaves out series and does not say so', { server: { leavesOut: true } }, /should be|is lost/, QUERY],
  ['a table that does not look at conditions', { table: { ignoresConditions: true } }, /^seed/, PAIR],
  ['a table that hides what it left unprocessed', { table: { hidesUnprocessed: true } }, /^seed/],
];

describe('the simulation notices', () => {
  it.each(MISTAKES)(
    '%s',
    async (_, defects, noticed, fixed) => expect(await firstFailure(defects, fixed)).toMatch(noticed),
    300_000,
  );

  it('names the schedule and how to see it again', async () => {
    const message = await firstFailure({ queue: { loses: true } });
    expect(message).toMatch(/^seed (\d+): /);
    expect(message).toMatch(/\nreplay: SIMULATION_SEED=\d+ npx vitest run test\/simulation\n/);
  });
});

describe('a schedule', () => {
  it('is the same story each time', async () => {
    const [first, second] = [await simulate(FROM), await simulate(FROM)];
    expect([...second.counts]).toEqual([...first.counts]);
    expect(first.counts.get('calls')).toBeGreaterThan(0);
  });
});

async function firstFailure(defects: Defects, fixed: Partial<Scenario> = {}): Promise<string> {
  for (let seed = FROM; seed < FROM + SCHEDULES; seed++) {
    try {
      await simulate(seed, defects, fixed);
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      console.info(`noticed after ${seed - FROM + 1} schedules: ${error.message.split('\n')[0]}`);
      return error.message;
    }
  }
  return `nothing was noticed within ${SCHEDULES} schedules`;
}
