import { type Outcome, Process, type Weather } from './process.ts';
import type { World } from './world.ts';

interface Instance<T> {
  readonly process: Process;
  readonly parts: T;
}

/** Clocks of instances differ by up to this, ms. */
const MAX_SKEW = 2000;
/** Instances kept warm, of each function. */
const MAX_IDLE = 3;

/** The instances of one Lambda function: warm ones are used again with what they remember, dead ones never. */
export class Fleet<T> {
  readonly #world: World;
  readonly #weather: Weather;
  readonly #name: string;
  readonly #timeout: number;
  readonly #compose: (process: Process) => T;
  #idle: Instance<T>[] = [];
  #started = 0;

  /** `timeout` in ms. */
  constructor(world: World, weather: Weather, name: string, timeout: number, compose: (process: Process) => T) {
    this.#world = world;
    this.#weather = weather;
    this.#name = name;
    this.#timeout = timeout;
    this.#compose = compose;
  }

  async invoke<R>(task: (parts: T, process: Process) => Promise<R>): Promise<Outcome<R>> {
    const { process, parts } = this.#take();
    this.#world.count(`${this.#name} invocations`);
    const outcome = await process.invoke(() => task(parts, process), this.#timeout);
    if (!process.isDead && this.#idle.length < MAX_IDLE) this.#idle.push({ process, parts });
    if (outcome.kind === 'failed') this.#world.log(`${process.name} fails: ${outcome.error.message}`);
    return outcome;
  }

  #take(): Instance<T> {
    const isCold = this.#idle.length === 0 || this.#world.chance(0.1);
    if (!isCold) {
      const [warm] = this.#idle.splice(this.#world.between(0, this.#idle.length - 1), 1);
      if (warm !== undefined) return warm;
    }
    const skew = this.#world.between(-MAX_SKEW, MAX_SKEW);
    const process = new Process(this.#world, this.#weather, `${this.#name} ${this.#started++}`, skew);
    return { process, parts: this.#compose(process) };
  }
}
