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
    this.compensation = compensate(this.compensation, this.sum, increment, total);
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

/**
 * The compensation after `increment` was added to `sum`, giving `total`: what rounding lost is added to it. An infinite
 * total has none. For inner loops that keep a sum in local variables.
 */
export function compensate(compensation: number, sum: number, increment: number, total: number): number {
  if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) return 0;
  const lost = Math.abs(sum) >= Math.abs(increment) ? sum - total + increment : increment - total + sum;
  return compensation + lost;
}
