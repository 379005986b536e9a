import type { Reduce } from './aggregation.ts';
import { reduceFloats } from './reduce-floats.ts';
import type { FloatReducer } from './reduce-samples.ts';

/** `stdvar`, and with the square root `stddev`: of the population, by Welford's method. */
export function variance(finish: (variance: number) => number): Reduce {
  return (members, aggregation) => reduceFloats(members, aggregation, new Variances(aggregation.grid.length, finish));
}

class Variances implements FloatReducer {
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #finish: (variance: number) => number;

  constructor(length: number, finish: (variance: number) => number) {
    this.#counts = new Float64Array(length);
    this.#means = new Float64Array(length);
    this.#squares = new Float64Array(length);
    this.#finish = finish;
  }

  add(step: number, value: number): void {
    const count = (this.#counts[step] as number) + 1;
    const delta = value - (this.#means[step] as number);
    const mean = (this.#means[step] as number) + delta / count;
    this.#counts[step] = count;
    this.#means[step] = mean;
    this.#squares[step] = (this.#squares[step] as number) + delta * (value - mean);
  }

  result(step: number): number {
    return this.#finish((this.#squares[step] as number) / (this.#counts[step] as number));
  }
}
