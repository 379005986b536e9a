import type { Span } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { MAX_SCHEMA, MIN_SCHEMA, usesCustomBuckets } from './bounds.ts';

/** Schemas up to this one are reserved; histograms that use them can be reduced to schema 8. */
const MAX_RESERVED_SCHEMA = 52;

/** A histogram that contradicts itself. */
export class InvalidHistogramError extends Error {
  override name = 'InvalidHistogramError';
}

/** @throws InvalidHistogramError naming the contradiction, with Prometheus's wording where it has one. */
export function validateHistogram(histogram: FloatHistogram): void {
  const { schema, positiveSpans, negativeSpans, positiveBuckets, negativeBuckets } = histogram;
  if (usesCustomBuckets(histogram)) validateCustomBuckets(histogram);
  else if (!Number.isInteger(schema) || schema < MIN_SCHEMA || schema > MAX_RESERVED_SCHEMA) {
    invalid(
      `invalid schema ${schema}: histogram has an invalid schema, which must be between ${MIN_SCHEMA} and ${MAX_SCHEMA} for exponential buckets, or -53 for custom buckets`,
    );
  }
  validateSpans('positive', positiveSpans, positiveBuckets.length);
  validateSpans('negative', negativeSpans, negativeBuckets.length);
  validateCounts('positive', positiveBuckets);
  validateCounts('negative', negativeBuckets);
  if (histogram.zeroCount < 0) {
    invalid(
      `zero bucket has observation count of ${histogram.zeroCount}: histogram has a bucket whose observation count is negative`,
    );
  }
  if (histogram.count < 0)
    invalid(`observation count is ${histogram.count}: histogram's observation count is negative`);
}

function validateCustomBuckets(histogram: FloatHistogram): void {
  const { customValues, positiveSpans, negativeSpans, negativeBuckets, zeroCount, zeroThreshold } = histogram;
  if (zeroThreshold !== 0) invalid(`custom buckets: must have zero threshold of 0, have ${zeroThreshold}`);
  if (zeroCount !== 0) invalid(`custom buckets: must have zero count of 0, have ${zeroCount}`);
  if (negativeSpans.length > 0 || negativeBuckets.length > 0) invalid('custom buckets: must not have negative buckets');
  for (const [i, bound] of customValues.entries()) {
    if (Number.isNaN(bound)) invalid('custom buckets: histogram custom bounds must not be NaN');
    const previous = customValues[i - 1] ?? Number.NEGATIVE_INFINITY;
    if (i > 0 && bound <= previous) {
      invalid(
        `custom buckets: previous bound is ${previous} and current is ${bound}: histogram custom bounds must be in strictly increasing order`,
      );
    }
  }
  if (customValues.at(-1) === Number.POSITIVE_INFINITY) {
    invalid('custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite');
  }
  const covered = positiveSpans.reduce((total, span) => total + span.offset + span.length, 0);
  if (customValues.length + 1 < covered) {
    invalid(
      `custom buckets: only ${customValues.length} custom bounds defined which is insufficient to cover total span length of ${covered}: histogram custom bounds are too few`,
    );
  }
  if ((positiveSpans[0]?.offset ?? 0) < 0) {
    invalid(
      `custom buckets: span number 1 with offset ${positiveSpans[0]?.offset}: histogram has a span whose offset is negative`,
    );
  }
}

function validateSpans(side: string, spans: readonly Span[], buckets: number): void {
  for (const [i, span] of spans.entries()) {
    if (i > 0 && span.offset < 0) {
      invalid(
        `${side} side: span number ${i + 1} with offset ${span.offset}: histogram has a span whose offset is negative`,
      );
    }
  }
  const needed = spans.reduce((total, span) => total + span.length, 0);
  if (needed !== buckets) {
    invalid(
      `${side} side: spans need ${needed} buckets, have ${buckets} buckets: histogram spans specify different number of buckets than provided`,
    );
  }
}

function validateCounts(side: string, counts: Float64Array): void {
  const negative = counts.findIndex((count) => count < 0);
  if (negative >= 0) {
    invalid(
      `${side} side: bucket number ${negative + 1} has observation count of ${counts[negative]}: histogram has a bucket whose observation count is negative`,
    );
  }
}

function invalid(reason: string): never {
  throw new InvalidHistogramError(reason);
}
