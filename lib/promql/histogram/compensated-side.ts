import { type BucketSide, encodeSide, type SpannedBuckets } from './bucket-side.ts';
import { KahanSum } from './kahan-sum.ts';
import { reducedIndex } from './resolution.ts';

/** The buckets on one side of zero while they are being summed: a compensated sum for each index. */
export class CompensatedSide {
  #sums = new Map<number, KahanSum>();

  add(side: BucketSide, factor: number): void {
    for (let i = 0; i < side.indexes.length; i++) {
      this.#sumAt(side.indexes[i] ?? 0).add((side.counts[i] ?? 0) * factor);
    }
  }

  scale(factor: number): void {
    for (const sum of this.#sums.values()) sum.scale(factor);
  }

  /** Moves every bucket to the bucket that `target` names; buckets that meet are added in ascending order. */
  remap(target: (index: number) => number): void {
    const previous = this.#sums;
    this.#sums = new Map();
    for (const index of ascending(previous)) {
      const sum = previous.get(index);
      if (sum !== undefined) this.#sumAt(target(index)).merge(sum);
    }
  }

  reduce(schema: number, target: number): void {
    this.remap((index) => reducedIndex(index, schema, target));
  }

  /** Takes out the buckets whose lower bound is below `threshold` and adds their counts to `zero`. */
  moveBelow(threshold: number, lowerBound: (index: number) => number, zero: KahanSum): void {
    for (const index of ascending(this.#sums)) {
      if (lowerBound(index) >= threshold) return;
      const sum = this.#sums.get(index);
      if (sum !== undefined) zero.merge(sum);
      this.#sums.delete(index);
    }
  }

  /** `threshold`, raised to the upper bound of the populated bucket it falls into. */
  clearOf(threshold: number, bound: (index: number) => number): number {
    for (const [index, sum] of this.#sums) {
      if (sum.value !== 0 && bound(index - 1) < threshold && bound(index) > threshold) return bound(index);
    }
    return threshold;
  }

  dropEmpty(): void {
    for (const [index, sum] of this.#sums) if (sum.value === 0) this.#sums.delete(index);
  }

  get overflows(): boolean {
    for (const sum of this.#sums.values()) if (Math.abs(sum.sum) === Number.POSITIVE_INFINITY) return true;
    return false;
  }

  encode(): SpannedBuckets {
    const indexes = ascending(this.#sums);
    return encodeSide(
      indexes,
      Float64Array.from(indexes, (index) => this.#sums.get(index)?.value ?? 0),
    );
  }

  #sumAt(index: number): KahanSum {
    let sum = this.#sums.get(index);
    if (sum === undefined) {
      sum = new KahanSum();
      this.#sums.set(index, sum);
    }
    return sum;
  }
}

function ascending(sums: ReadonlyMap<number, KahanSum>): number[] {
  return [...sums.keys()].sort((a, b) => a - b);
}
