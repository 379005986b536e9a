import { CUSTOM_BUCKETS_SCHEMA } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { SCHEMA_8_FRACTIONS } from './schema-fractions.ts';

export const MIN_SCHEMA = -4;
export const MAX_SCHEMA = 8;

/** Whether the buckets have explicit bounds (NHCB) instead of exponential ones. */
export function usesCustomBuckets(histogram: FloatHistogram): boolean {
  return histogram.schema === CUSTOM_BUCKETS_SCHEMA;
}

/**
 * The upper bound, in absolute terms, of exponential bucket `index`. The last regular bucket ends at the largest float,
 * the one above it (observations of ±Inf) at infinity.
 */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const perOctave = 2 ** schema;
  const octave = Math.floor(index / perOctave);
  const fraction = SCHEMA_8_FRACTIONS[(index - octave * perOctave) * 2 ** (MAX_SCHEMA - schema)];
  if (fraction === undefined) throw new Error(`BUG: no bucket bound for index ${index} of schema ${schema}`);
  if (fraction === 0.5 && octave === 1024) return Number.MAX_VALUE;
  return scaleByPowerOfTwo(fraction, octave + 1);
}

/** The upper bound of custom bucket `index`; -1 gives the lower bound of the first, the count of bounds gives +Inf. */
export function customBound(index: number, customValues: readonly number[]): number {
  if (index < 0) return Number.NEGATIVE_INFINITY;
  return customValues[index] ?? Number.POSITIVE_INFINITY;
}

/** `fraction * 2^exponent` rounded once, also where 2^exponent itself over- or underflows. */
function scaleByPowerOfTwo(fraction: number, exponent: number): number {
  if (exponent > 1023) return fraction * 2 ** 1023 * 2 ** (exponent - 1023);
  if (exponent < -1022) return fraction * 2 ** -52 * 2 ** (exponent + 52);
  return fraction * 2 ** exponent;
}
