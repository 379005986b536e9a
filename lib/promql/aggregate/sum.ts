import type { Column } from '../functions/column.ts';
import { sumHistograms } from '../histogram/aggregate.ts';
import type { VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';
import { type FloatReducer, reduceSamples } from './reduce-samples.ts';

/** `sum`, with Neumaier's compensation as in Prometheus. */
export function sum(members: readonly VectorSeries[], aggregation: Aggregation): Column {
  return reduceSamples(members, aggregation, new Sums(aggregation.grid.length), sumHistograms);
}

class Sums implements FloatReducer {
  readonly #sums: Float64Array;
  readonly #compensations: Float64Array;

  constructor(length: number) {
    this.#sums = new Float64Array(length);
    this.#compensations = new Float64Array(length);
  }

  add(step: number, value: number, first: boolean): void {
    if (first) {
      this.#sums[step] = value;
      return;
    }
    const sum = this.#sums[step] as number;
    const total = sum + value;
    this.#sums[step] = total;
    if (Math.abs(total) === Number.POSITIVE_INFINITY) this.#compensations[step] = 0;
    else {
      const lost = Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      this.#compensations[step] = (this.#compensations[step] as number) + lost;
    }
  }

  result(step: number): number {
    return (this.#sums[step] as number) + (this.#compensations[step] as number);
  }
}
