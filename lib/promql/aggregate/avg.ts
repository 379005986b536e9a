import type { Column } from '../functions/column.ts';
import { averageHistograms } from '../histogram/aggregate.ts';
import { KahanSum } from '../histogram/kahan-sum.ts';
import type { VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';
import { type FloatReducer, reduceSamples } from './reduce-samples.ts';

/** `avg`: sum by count, and the incremental mean from where the sum would leave the range of floats. */
export function avg(members: readonly VectorSeries[], aggregation: Aggregation): Column {
  return reduceSamples(members, aggregation, new Means(aggregation.grid.length), averageHistograms);
}

class Means implements FloatReducer {
  /** At each step the compensated sum, or the compensated mean where `#incremental`. */
  readonly #values: Float64Array;
  readonly #compensations: Float64Array;
  readonly #counts: Float64Array;
  readonly #incremental: Uint8Array;
  readonly #sum = new KahanSum();

  constructor(length: number) {
    this.#values = new Float64Array(length);
    this.#compensations = new Float64Array(length);
    this.#counts = new Float64Array(length);
    this.#incremental = new Uint8Array(length);
  }

  add(step: number, value: number, first: boolean): void {
    if (first) {
      this.#values[step] = value;
      this.#counts[step] = 1;
      return;
    }
    const count = (this.#counts[step] as number) + 1;
    this.#counts[step] = count;
    const sum = this.#sum;
    sum.reset(this.#values[step], this.#compensations[step]);
    if (this.#incremental[step] === 0) {
      sum.add(value);
      if (Math.abs(sum.sum) !== Number.POSITIVE_INFINITY) {
        this.#store(step);
        return;
      }
      this.#incremental[step] = 1;
      sum.reset((this.#values[step] as number) / (count - 1), (this.#compensations[step] as number) / (count - 1));
    }
    sum.scale((count - 1) / count);
    sum.add(value / count);
    this.#store(step);
  }

  result(step: number): number {
    const divisor = this.#incremental[step] === 0 ? (this.#counts[step] as number) : 1;
    return (this.#values[step] as number) / divisor + (this.#compensations[step] as number) / divisor;
  }

  #store(step: number): void {
    this.#values[step] = this.#sum.sum;
    this.#compensations[step] = this.#sum.compensation;
  }
}
