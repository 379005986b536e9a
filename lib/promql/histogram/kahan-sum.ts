/**
 * A running sum with Neumaier's variant of Kahan compensation, as Prometheus sums. `sum` alone tells of overflow;
 * `value` is the compensated result.
 */
export class KahanSum {
  sum: number;
  compensation: number;

  constructor(sum = 0, compensation = 0) {
    this.sum = sum;
    this.compensation = compensation;
  }

  add(increment: number): void {
    const total = this.sum + increment;
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(increment)) this.compensation += this.sum - total + increment;
    else this.compensation += increment - total + this.sum;
    this.sum = total;
  }

  /** Adds another compensated sum. */
  merge(other: KahanSum): void {
    this.add(other.sum);
    if (other.compensation !== 0) this.add(other.compensation);
  }

  scale(factor: number): void {
    this.sum *= factor;
    this.compensation *= factor;
  }

  reset(sum = 0, compensation = 0): void {
    this.sum = sum;
    this.compensation = compensation;
  }

  get value(): number {
    return this.sum + this.compensation;
  }
}
