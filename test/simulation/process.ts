import type { World } from './world.ts';

/** A service that answers nobody for a while: calls to it in [from, to), ms, fail without effect. */
export interface Outage {
  readonly of: 'queue' | 'table' | 'server';
  readonly from: number;
  readonly to: number;
}

/** How much goes wrong, and how slow everything is. */
export interface Weather {
  /** Of a call over the network, that it fails in some way. */
  readonly faultRate: number;
  /** Of a call over the network, that the process which makes it dies there. */
  readonly killRate: number;
  /** Of a call, that it takes seconds instead of milliseconds. */
  readonly stallRate: number;
  readonly outages: readonly Outage[];
}

/**
 * How a call fails: refused before it had an effect (`throttled`, `failed`, `cut`), or after (`broken`, `lost`), or with an
 * effect that comes when the caller has given up (`late`); or the network's own repetition makes it `twice`.
 */
export type Fault = 'throttled' | 'failed' | 'cut' | 'broken' | 'lost' | 'late' | 'twice';

/** What an outage looks like. */
const REFUSALS: readonly [Fault, ...Fault[]] = ['throttled', 'failed', 'cut'];

const FAULTS: readonly [Fault, ...Fault[]] = ['throttled', 'failed', 'cut', 'broken', 'lost', 'late', 'twice'];

/** What the caller sees of a fault. */
export type ErrorOf = (fault: Exclude<Fault, 'twice'>) => Error;

/** The process is no more: whatever it still tries has no effect. */
export class KilledError extends Error {
  override name = 'KilledError';
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'killed' };

/** A running instance of a function: it has a clock of its own, calls others over a bad network, and may die at any call. */
export class Process {
  readonly name: string;
  readonly #world: World;
  readonly #weather: Weather;
  readonly #skew: number;
  readonly #waiting = new Set<() => void>();
  #isDead = false;

  /** `skew`: how far its clock is ahead, ms. */
  constructor(world: World, weather: Weather, name: string, skew = 0) {
    this.#world = world;
    this.#weather = weather;
    this.name = name;
    this.#skew = skew;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Its clock, ms. */
  readonly now = (): number => this.#world.now + this.#skew;

  /** @throws KilledError where it dies meanwhile. */
  readonly sleep = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const die = () => reject(new KilledError());
      if (this.#isDead) return die();
      this.#waiting.add(die);
      this.#world.after(ms, () => {
        if (this.#waiting.delete(die)) resolve();
      });
    });

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#world.count('kills');
    this.#world.log(`${this.name} dies`);
    for (const die of this.#waiting) die();
    this.#waiting.clear();
  }

  /** Runs a task for at most `timeout` ms, at the end of which the process is killed, as Lambda does. */
  async invoke<T>(task: () => Promise<T>, timeout: number): Promise<Outcome<T>> {
    let isRunning = true;
    this.#world.after(timeout, () => {
      if (isRunning) this.kill();
    });
    try {
      const value = await task();
      return this.#isDead ? { kind: 'killed' } : { kind: 'done', value };
    } catch (error) {
      return this.#isDead ? { kind: 'killed' } : { kind: 'failed', error: error as Error };
    } finally {
      isRunning = false;
    }
  }

  /**
   * Calls somebody over the network: `effect` happens there, once its time has come.
   *
   * @throws KilledError, what `errorOf` gives for a fault, and what the effect throws.
   */
  async call<T>(what: string, effect: () => T, errorOf: ErrorOf): Promise<T> {
    const world = this.#world;
    if (this.#isDead) throw new KilledError();
    world.count('calls');
    const isFatal = world.faulty && world.chance(this.#weather.killRate);
    const fault = this.#faultOf(what);
    await this.sleep(this.#leg());
    if (isFatal) {
      // What was sent may still arrive.
      if (world.chance(0.5)) world.after(this.#leg(), () => attempt(effect));
      world.log(`${this.name} calls ${what}`);
      this.kill();
      throw new KilledError();
    }
    if (fault !== undefined) return this.#faulty(what, fault, effect, errorOf);
    const answer = effect();
    await this.sleep(this.#leg());
    return answer;
  }

  #faultOf(what: string): Fault | undefined {
    const { now, faulty } = this.#world;
    if (!faulty) return undefined;
    const { outages, faultRate } = this.#weather;
    const service = serviceOf(what);
    const isOut = outages.some(({ of, from, to }) => of === service && now >= from && now < to);
    if (isOut) return this.#world.pick(REFUSALS);
    return this.#world.chance(faultRate) ? this.#world.pick(FAULTS) : undefined;
  }

  async #faulty<T>(what: string, fault: Fault, effect: () => T, errorOf: ErrorOf): Promise<T> {
    const world = this.#world;
    world.count(`fault ${fault}`);
    world.log(`${this.name} calls ${what}: ${fault}`);
    if (fault === 'late') world.after(world.between(100, 30_000), () => attempt(effect));
    if (fault === 'broken' || fault === 'lost' || fault === 'twice') attempt(effect);
    await this.sleep(this.#leg() + (fault === 'late' || fault === 'lost' ? 3000 : 0));
    if (fault === 'twice') return effect();
    throw errorOf(fault);
  }

  #leg(): number {
    const { stallRate } = this.#weather;
    return this.#world.faulty && this.#world.chance(stallRate)
      ? this.#world.between(1000, 20_000)
      : this.#world.between(1, 20);
  }
}

/** Calls of servers are named by their path. */
function serviceOf(what: string): Outage['of'] {
  if (what.startsWith('/')) return 'server';
  return what === 'SendMessageBatch' ? 'queue' : 'table';
}

/** Nobody waits for the answer. */
function attempt(effect: () => unknown): void {
  try {
    effect();
  } catch {
    // It says why it had no effect to somebody who has left.
  }
}
