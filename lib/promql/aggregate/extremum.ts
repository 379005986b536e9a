import type { Reduce } from './aggregation.ts';
import { reduceFloats } from './reduce-floats.ts';
import type { FloatReducer } from './reduce-samples.ts';

/** `min` and `max`. NaN gives way to any number. */
export function extremum(sign: 1 | -1): Reduce {
  return (members, aggregation) => reduceFloats(members, aggregation, new Extremes(aggregation.grid.length, sign));
}

class Extremes implements FloatReducer {
  readonly #values: Float64Array;
  readonly #sign: 1 | -1;

  constructor(length: number, sign: 1 | -1) {
    this.#values = new Float64Array(length);
    this.#sign = sign;
  }

  add(step: number, value: number, first: boolean): void {
    const best = this.#values[step] as number;
    if (first || Number.isNaN(best) || this.#sign * value > this.#sign * best) this.#values[step] = value;
  }

  result(step: number): number {
    return this.#values[step] as number;
  }
}
