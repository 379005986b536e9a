import type { ResetHint } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { exponentialBound, usesCustomBuckets } from './bounds.ts';
import { negativeSide, positiveSide } from './bucket-side.ts';
import { CompensatedSide } from './compensated-side.ts';
import { boundMapping, intersectBounds, rebucket } from './custom-bounds.ts';
import { sameNumbers } from './equals.ts';
import { IncompatibleHistogramsError } from './incompatible.ts';
import { KahanSum } from './kahan-sum.ts';
import { combineHints } from './reset-hint.ts';
import { reduceResolution } from './resolution.ts';
import { widenZeroBucket } from './zero-bucket.ts';

/**
 * A sum of histograms in the making. Every count is a compensated sum; resolution, zero bucket and custom bounds fall
 * to what all histograms added so far have in common. Nothing that is added is mutated.
 */
export class HistogramAccumulator {
  /** Some pair of counter reset hints contradicted each other. */
  hintCollision = false;
  /** Custom bounds differed and were reduced to those in common. */
  boundsReconciled = false;

  readonly #custom: boolean;
  readonly #count: KahanSum;
  readonly #sum: KahanSum;
  readonly #zeroCount: KahanSum;
  readonly #positive = new CompensatedSide();
  readonly #negative = new CompensatedSide();
  #schema: number;
  #zeroThreshold: number;
  #customValues: readonly number[];
  #resetHint: ResetHint;

  constructor(first: FloatHistogram) {
    this.#custom = usesCustomBuckets(first);
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customValues = first.customValues;
    this.#resetHint = first.resetHint;
    this.#count = new KahanSum(first.count);
    this.#sum = new KahanSum(first.sum);
    this.#zeroCount = new KahanSum(first.zeroCount);
    this.#positive.add(positiveSide(first), 1);
    this.#negative.add(negativeSide(first), 1);
  }

  /**
   * Adds `histogram` times `factor` (-1 subtracts).
   *
   * @throws IncompatibleHistogramsError when exponential meets custom buckets.
   */
  add(histogram: FloatHistogram, factor = 1): void {
    if (usesCustomBuckets(histogram) !== this.#custom) throw new IncompatibleHistogramsError();
    const { hint, collision } = combineHints(this.#resetHint, histogram.resetHint);
    this.#resetHint = hint;
    this.hintCollision ||= collision;
    this.#count.add(histogram.count * factor);
    this.#sum.add(histogram.sum * factor);
    if (this.#custom) this.#addCustom(histogram, factor);
    else this.#addExponential(histogram, factor);
  }

  scale(factor: number): void {
    for (const part of [this.#count, this.#sum, this.#zeroCount, this.#positive, this.#negative]) part.scale(factor);
  }

  /** Whether any part of the sum left the range of floats. */
  get overflows(): boolean {
    const totals = [this.#count, this.#sum, this.#zeroCount];
    return (
      totals.some((total) => Math.abs(total.sum) === Number.POSITIVE_INFINITY) ||
      this.#positive.overflows ||
      this.#negative.overflows
    );
  }

  result(): FloatHistogram {
    const positive = this.#positive.encode();
    const negative = this.#negative.encode();
    return {
      resetHint: this.#resetHint,
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount.value,
      count: this.#count.value,
      sum: this.#sum.value,
      positiveSpans: positive.spans,
      positiveBuckets: positive.buckets,
      negativeSpans: negative.spans,
      negativeBuckets: negative.buckets,
      customValues: this.#customValues,
    };
  }

  #addCustom(histogram: FloatHistogram, factor: number): void {
    if (sameNumbers(this.#customValues, histogram.customValues)) {
      this.#positive.add(positiveSide(histogram), factor);
      return;
    }
    this.boundsReconciled = true;
    const common = intersectBounds(this.#customValues, histogram.customValues);
    const mapping = boundMapping(this.#customValues, common);
    this.#positive.remap((index) => mapping[index] ?? common.length);
    this.#positive.dropEmpty();
    this.#positive.add(rebucket(histogram, common), factor);
    this.#customValues = common;
  }

  #addExponential(histogram: FloatHistogram, factor: number): void {
    let other = histogram;
    while (other.zeroThreshold !== this.#zeroThreshold) {
      if (other.zeroThreshold < this.#zeroThreshold) other = widenZeroBucket(other, this.#zeroThreshold);
      else this.#widenZeroBucket(other.zeroThreshold);
    }
    if (other.schema > this.#schema) other = reduceResolution(other, this.#schema);
    if (other.schema < this.#schema) this.#reduce(other.schema);
    this.#zeroCount.add(other.zeroCount * factor);
    this.#positive.add(positiveSide(other), factor);
    this.#negative.add(negativeSide(other), factor);
  }

  #reduce(schema: number): void {
    this.#positive.reduce(this.#schema, schema);
    this.#negative.reduce(this.#schema, schema);
    this.#schema = schema;
  }

  #widenZeroBucket(threshold: number): void {
    const bound = (index: number) => exponentialBound(index, this.#schema);
    const lower = (index: number) => bound(index - 1);
    const wide = this.#negative.clearOf(this.#positive.clearOf(threshold, bound), bound);
    this.#positive.moveBelow(wide, lower, this.#zeroCount);
    this.#negative.moveBelow(wide, lower, this.#zeroCount);
    this.#zeroThreshold = wide;
  }
}
