import type { Tenant } from '../../lib/context/tenant.ts';
import { progressKey } from '../../lib/pipeline/query-source.ts';
import { queryTargets } from '../../lib/pipeline/query-source-dependencies.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import type { OutgoingRequest } from '../receiver/messages.ts';
import { checkRun, checkUnchanged } from './check-run.ts';
import type { Defects } from './defects.ts';
import { Deployment } from './deployment.ts';
import { Observations, ofTenant, type Point, pointsOf } from './observations.ts';
import { type Outage, Process, type Weather } from './process.ts';
import { Readers } from './readers.ts';
import { Sender } from './sender.ts';
import { SimQueue } from './sim-queue.ts';
import { SimServer } from './sim-server.ts';
import { SimTable } from './sim-table.ts';
import {
  ASKING_DELAY,
  EPOCH,
  EVALUATION_INTERVAL,
  FEDERATED,
  MINUTE,
  PAIRED,
  PLAIN,
  PLAN,
  READ_PERIOD,
  SECOND,
  SERVERS,
  TENANTS,
} from './stage.ts';
import { World } from './world.ts';

/** What of a run may differ from the next, apart from chance. */
export interface Scenario {
  readonly weather: Weather;
  /** ms that evaluations wait for samples. */
  readonly delay: number;
  /** How long everybody sends, ms. */
  readonly active: number;
  /** Then there is silence, so that a log is closed, and some more traffic; 0 for none of it. */
  readonly gap: number;
  /** Whether nothing is evaluated in the silence, so that it has to be caught up with. */
  readonly evaluatorsRest: boolean;
  /** Of the silence, and some time before: a sender without network, whose samples are very late. */
  readonly isCutOff: boolean;
  readonly visibilityTimeout: number;
  readonly maxReceives: number;
  /** Whether rules are evaluated at all. */
  readonly evaluates: boolean;
  readonly tenants: readonly Tenant[];
}

export interface RunReport {
  /** What happened how often. */
  readonly counts: ReadonlyMap<string, number>;
  readonly start: number;
}

/** A promise was broken; the message says by which seed, and what happened before. */
export class SimulationError extends Error {
  override name = 'SimulationError';
}

/**
 * Plays one schedule of faults against the whole pipeline and compares what is left with what must be left. `fixed` is not
 * left to chance.
 *
 * @throws SimulationError
 */
export async function simulate(seed: number, defects: Defects = {}, fixed: Partial<Scenario> = {}): Promise<RunReport> {
  const dice = new World(seed, 0);
  const start = EPOCH - dice.between(0, 100) * SECOND;
  const world = new World(seed ^ 0x5bd1e995, start);
  const run = new Run(world, { ...scenarioOf(dice, start), ...fixed }, defects);
  try {
    await world.runUntil(run.play(start));
  } catch (error) {
    const story = world.lines.slice(-60).join('\n');
    const replay = `SIMULATION_SEED=${seed} npx vitest run test/simulation`;
    const { message, stack } = error as Error;
    throw new SimulationError(`seed ${seed}: ${message}\nreplay: ${replay}\n${story}\n${stack}`, { cause: error });
  }
  return { counts: world.counts, start };
}

function scenarioOf(dice: World, start: number): Scenario {
  const gap = dice.chance(0.75) ? 0 : dice.between(36, 45) * MINUTE;
  return {
    weather: {
      faultRate: dice.pick([0, 0.01, 0.04, 0.12]),
      killRate: dice.pick([0, 0.005, 0.02, 0.05]),
      stallRate: dice.pick([0, 0.005, 0.03]),
      outages: Array.from({ length: dice.pick([0, 0, 1, 3]) }, () => outageOf(dice, start, gap)),
    },
    delay: dice.pick([1, 4, 4]) * MINUTE,
    active: dice.between(35, 90) * SECOND,
    gap,
    evaluatorsRest: dice.chance(0.8),
    isCutOff: dice.chance(0.4),
    visibilityTimeout: dice.pick([30, 360]) * SECOND,
    maxReceives: dice.pick([2, 5]),
    evaluates: dice.chance(0.6),
    tenants: dice.pick(CASTS),
  };
}

const [PLAIN_ONE, PAIRED_ONE, FEDERATED_ONE, ASKED_ONE] = TENANTS as readonly [Tenant, Tenant, Tenant, Tenant];

/** Who is on the stage. */
const CASTS: readonly [readonly Tenant[], ...(readonly Tenant[])[]] = [
  [PLAIN_ONE, PAIRED_ONE],
  [PLAIN_ONE],
  [PAIRED_ONE],
  [FEDERATED_ONE],
  [ASKED_ONE],
  [PLAIN_ONE, FEDERATED_ONE, ASKED_ONE],
];

/** Some time in the traffic before or after the silence. */
function outageOf(dice: World, start: number, gap: number): Outage {
  const from = start + dice.between(0, 150) * SECOND + dice.pick([0, gap]);
  return { of: dice.pick(['queue', 'table', 'server']), from, to: from + dice.between(2, 60) * SECOND };
}

/** Nothing fails for who only looks; but everybody else goes on while it looks. */
const CALM: Weather = { faultRate: 0, killRate: 0, stallRate: 0, outages: [] };

class Run {
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #observations = new Observations();
  readonly #queue: SimQueue;
  readonly #deployment: Deployment;
  readonly #eye: Process;
  readonly #readers: Readers;
  readonly #servers: readonly SimServer[];
  readonly #senders: readonly Sender[];
  #cutOffUntil = 0;
  #isOver = false;
  #isSilent = false;
  #readEnd = Number.POSITIVE_INFINITY;

  constructor(world: World, scenario: Scenario, defects: Defects) {
    this.#world = world;
    this.#scenario = scenario;
    const { weather, delay, visibilityTimeout, maxReceives, tenants } = scenario;
    const rate = weather.faultRate;
    this.#queue = new SimQueue(world, {
      visibilityTimeout,
      maxReceives,
      repeatRate: rate,
      partialRate: rate,
      defects: defects.queue ?? {},
    });
    const table = new SimTable(world, rate, defects.table);
    const queue = this.#queue;
    const observations = this.#observations;
    const surroundings = { world, table, queue, observations, defects, weather, delay, tenants };
    this.#deployment = new Deployment(surroundings);
    this.#servers = tenants.flatMap(({ name }) =>
      (SERVERS[name] ?? []).map((url) => {
        const onScrape = (timeseries: readonly TimeSeries[]) => observations.scrape(name, timeseries);
        return new SimServer(world, { url, faultRate: rate, defects: defects.server ?? {}, onScrape });
      }),
    );
    this.#readers = new Readers(surroundings, this.#servers);
    this.#eye = new Process(world, CALM, 'reader');
    const acknowledged = (tenant: string, timeseries: Parameters<Observations['acknowledge']>[1]) =>
      observations.acknowledge(tenant, timeseries);
    const restartRate = rate / 4;
    const servers = [
      [PLAIN, 0],
      [PAIRED, 0],
      [PAIRED, 1],
    ] as const;
    this.#senders = servers
      .filter(([tenant]) => tenants.some(({ name }) => name === tenant))
      .map(([tenant, replica], i) => {
        const post = (request: OutgoingRequest) => this.#post(request, i === 0);
        return new Sender(world, { tenant, replica, post, acknowledged, restartRate });
      });
  }

  async play(start: number): Promise<void> {
    await this.#begin(start);
    const sending = Promise.all(this.#senders.map((sender) => sender.run()));
    const reading = Promise.all([this.#scrapeOn(), this.#askOn(), ...this.#servers.map((server) => server.run())]);
    const others = Promise.all([this.#workOn(), this.#evaluateOn(), this.#compactOn(), this.#lookOn(), reading]);
    // A fault of any of them ends the run, also while others still wait.
    await Promise.race([
      this.#direct(sending, reading),
      others.then(() => new Promise(() => {})),
      sending.then(() => new Promise(() => {})),
    ]);
    await others;
    await this.#finish(start);
  }

  /** Rules are evaluated from here on, so that nothing before has to be. */
  async #begin(start: number): Promise<void> {
    this.#world.faulty = false;
    const { ruleState } = this.#deployment.readerOf(this.#eye);
    const evaluatedTo = Math.floor(start / EVALUATION_INTERVAL) * EVALUATION_INTERVAL - EVALUATION_INTERVAL;
    const state = { planVersion: PLAN.version, evaluatedTo, skipped: 0, groups: {} };
    for (const tenant of this.#scenario.tenants) {
      const keys = [tenant.name, ...queryTargets([tenant]).map(progressKey)];
      for (const key of keys) await ruleState.replace(key, 0, state);
    }
    this.#world.faulty = true;
  }

  /** The course of events, until all that was sent is processed. */
  async #direct(sending: Promise<unknown>, reading: Promise<unknown>): Promise<void> {
    const { active, gap, isCutOff, evaluates, delay } = this.#scenario;
    const world = this.#world;
    if (isCutOff) this.#cutOffUntil = world.now + active + gap + MINUTE;
    await world.sleep(active);
    if (gap > 0) {
      this.#setSilent(true);
      await world.sleep(gap);
      this.#setSilent(false);
      await world.sleep(world.between(40, 90) * SECOND);
    }
    for (const sender of this.#senders) sender.stop();
    await world.sleep(this.#cutOffUntil - world.now);
    // What was sent last is evaluated while functions still die.
    if (evaluates) await world.sleep(delay + 2 * MINUTE);
    world.faulty = false;
    await sending;
    await this.#endReading(reading);
    // What is still on its way arrives.
    await world.sleep(MINUTE);
    const { visibilityTimeout } = this.#scenario;
    const deadline = world.now + 5 * visibilityTimeout;
    while (!this.#queue.isEmpty || this.#queue.deadLetters > 0) {
      if (world.now > deadline) throw new Error('the queue does not drain');
      this.#queue.redrive();
      await world.sleep(5 * SECOND);
    }
    this.#isOver = true;
  }

  #setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
    for (const one of [...this.#senders, ...this.#servers]) one.pause(isSilent);
  }

  /** Servers are read once more without a fault, and asked up to the end. */
  async #endReading(reading: Promise<unknown>): Promise<void> {
    if (this.#servers.length === 0) return;
    await this.#world.sleep(2 * READ_PERIOD + ASKING_DELAY);
    for (const server of this.#servers) server.stop();
    this.#readEnd = this.#world.now;
    await reading;
    for (let i = 0; i < 2 && this.#asks; i++) await this.#readers.ask();
  }

  get #asks(): boolean {
    return queryTargets(this.#scenario.tenants).length > 0;
  }

  /** An event of the schedule may come twice. */
  async #scrapeOn(): Promise<void> {
    const world = this.#world;
    const isFederated = this.#scenario.tenants.some(({ name }) => name === FEDERATED);
    while (isFederated && world.now < this.#readEnd) {
      const period = this.#isSilent ? 15 * READ_PERIOD : READ_PERIOD;
      await world.sleep(period - (world.now % READ_PERIOD));
      const time = world.now;
      const isTwice = world.faulty && world.chance(0.1);
      const again = isTwice
        ? world.sleep(world.between(0, 12 * SECOND)).then(() => this.#readers.scrape(time))
        : undefined;
      await Promise.all([this.#readers.scrape(time), again]);
    }
  }

  async #askOn(): Promise<void> {
    const world = this.#world;
    while (this.#asks && world.now < this.#readEnd) {
      await world.sleep(world.between(20, 70) * SECOND);
      if (this.#isSilent && this.#scenario.evaluatorsRest) continue;
      const count = world.chance(0.4) ? 2 : 1;
      await Promise.all(Array.from({ length: count }, () => this.#readers.ask()));
    }
  }

  /** The gateway, and the network before it. */
  async #post(request: OutgoingRequest, canBeCutOff: boolean): Promise<number | undefined> {
    const world = this.#world;
    if (canBeCutOff && world.faulty && world.now < this.#cutOffUntil && world.chance(0.7)) {
      await world.sleep(world.chance(0.5) ? 10 * SECOND : this.#cutOffUntil - world.now);
      return undefined;
    }
    const { faultRate } = this.#scenario.weather;
    const fault = world.faulty && world.chance(faultRate) ? world.pick(['lost', 'unanswered', 'twice', '503']) : '';
    if (fault !== '') world.count(`fault request ${fault}`);
    await world.sleep(world.between(1, 50));
    if (fault === '503') return 503;
    if (fault === 'twice') await Promise.race([this.#deployment.receive(request), world.sleep(5)]);
    const status = fault === 'lost' ? undefined : await this.#deployment.receive(request);
    await world.sleep(world.between(1, 50));
    if (fault !== 'unanswered') return status;
    await world.sleep(10 * SECOND);
    return undefined;
  }

  /** Lambda polls the queue, for several workers at a time. */
  async #workOn(): Promise<void> {
    const poll = async () => {
      while (!this.#isOver) {
        await this.#deployment.work(this.#world.between(1, 10));
        await this.#world.sleep(this.#world.between(500, this.#isSilent ? 20_000 : 9000));
      }
    };
    await Promise.all([poll(), poll()]);
  }

  async #evaluateOn(): Promise<void> {
    while (!this.#isOver && this.#scenario.evaluates) {
      await this.#world.sleep(
        EVALUATION_INTERVAL - (this.#world.now % EVALUATION_INTERVAL) + this.#world.between(0, 9000),
      );
      if (this.#isSilent && this.#scenario.evaluatorsRest) continue;
      const count = this.#world.chance(0.4) ? 2 : 1;
      await Promise.all(Array.from({ length: count }, () => this.#deployment.evaluate(45 * SECOND)));
    }
  }

  /** Without a silence no log is closed before the end. */
  async #compactOn(): Promise<void> {
    while (!this.#isOver && this.#scenario.gap > 0) {
      await this.#world.sleep(this.#world.between(10, 60) * SECOND);
      if (this.#isSilent) continue;
      const count = this.#world.chance(0.4) ? 2 : 1;
      await Promise.all(Array.from({ length: count }, () => this.#deployment.compact(120 * SECOND)));
    }
  }

  /** What is known to be stored must be found, whatever is under way. */
  async #lookOn(): Promise<void> {
    const { storage } = this.#deployment.readerOf(this.#eye);
    while (!this.#isOver) {
      await this.#world.sleep(this.#world.between(20, 80) * SECOND * (this.#isSilent ? 10 : 1));
      const { name } = this.#world.pick(this.#scenario.tenants as [Tenant, ...Tenant[]]);
      const stored = new Map(this.#observations.stored.get(name));
      const committed = new Set(this.#observations.committed.get(name));
      const found = pointsOf(await storage.querier(name).select({ mint: 0, maxt: this.#world.now + MINUTE }));
      this.#checkFound(name, found, stored, committed);
    }
  }

  #checkFound(
    tenant: string,
    found: ReadonlyMap<string, Point>,
    stored: ReadonlyMap<string, string>,
    committed: ReadonlySet<string>,
  ): void {
    this.#world.count('samples looked up', found.size);
    // Of a pair's samples only those of the leader are there; the end of the run shows which.
    if (tenant !== PAIRED) {
      for (const [key, value] of stored) {
        // A value of the same time is kept instead of a marker.
        if (value === 'stale' ? found.has(key) : found.get(key)?.value === value) continue;
        throw new Error(`${tenant}: ${key} was stored as ${value} and is now ${found.get(key)?.value}`);
      }
    }
    const computed = ofTenant(this.#observations.computed, tenant, () => new Map<string, Set<string>>());
    for (const key of committed) {
      const value = found.get(key)?.value;
      if (value === undefined || !computed.get(key)?.has(value)) {
        throw new Error(`${tenant}: ${key} was committed and is now ${value}`);
      }
    }
  }

  /** Evaluates to the end, compacts everything, and compares, before and after. */
  async #finish(start: number): Promise<void> {
    const world = this.#world;
    const { delay, tenants, evaluates } = this.#scenario;
    await world.sleep(evaluates ? delay + 3 * EVALUATION_INTERVAL : 0);
    const end = world.now - delay;
    // Instances' clocks differ: one that is behind leaves the last minute to another.
    for (let i = 0; i < 2 && evaluates; i++) await this.#deployment.evaluate(45 * SECOND);
    const [queue, observations] = [this.#queue, this.#observations];
    const look = () => ({
      ...this.#deployment.readerOf(this.#eye),
      taken: queue.taken,
      observations,
      world,
      delay,
      tenants,
      servers: this.#servers,
      readEnd: this.#readEnd,
      eye: this.#eye,
    });
    const before = await checkRun({ ...look(), start, end, evaluates });
    await world.sleep(4 * 60 * MINUTE);
    for (let i = 0; i < 2; i++) {
      await this.#deployment.compact(280 * SECOND);
      await world.sleep(5 * MINUTE);
    }
    await checkUnchanged(look().storage, before, world.now);
  }
}
