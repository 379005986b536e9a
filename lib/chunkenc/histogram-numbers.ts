import type { Histogram } from '../model/histogram.ts';
import { decimalScale, fromMantissa, toMantissa } from './decimal-scale.ts';
import { bucketsOf, COUNTS_BEFORE_BUCKETS, type HistogramLayout, widthOf } from './histogram-layout.ts';

/** Sums and differences of mantissas up to this one are exact, and can be zigzagged. */
const MAX_MANTISSA = 2 ** 50;

/** The numbers of a run of `count` histograms of one layout, number by number: all counts, all zero counts, …. */
export interface RunNumbers {
  /** Decimal places, or -1: the numbers stand as they are, and those of integer buckets are deltas as on the wire. */
  readonly scale: number;
  /** Mantissas, the first of each histogram less all others (0 where the buckets add up); or raw numbers. */
  readonly numbers: Float64Array;
}

/** Takes the numbers out of a run of histograms of one layout. */
export function numbersOf(layout: HistogramLayout, run: readonly Histogram[]): RunNumbers {
  const numbers = new Float64Array(widthOf(layout) * run.length);
  for (const [i, histogram] of run.entries()) fill(numbers, i, run.length, histogram, layout.isFloat);
  const scale = decimalScale(numbers, 0, numbers.length);
  if (scale >= 0 && (layout.isFloat || scale === 0)) {
    const mantissas = numbers.map((number) => toMantissa(number, scale));
    if (subtractBuckets(mantissas, run.length)) return { scale, numbers: mantissas };
  }
  if (!layout.isFloat) {
    for (const [i, histogram] of run.entries()) fill(numbers, i, run.length, histogram, true);
  }
  return { scale: -1, numbers };
}

/** Makes histogram `i` of a run again; its sum, times and hint come from elsewhere. */
export function histogramFrom(
  layout: HistogramLayout,
  { scale, numbers }: RunNumbers,
  i: number,
  rest: Pick<Histogram, 'timestamp' | 'startTimestamp' | 'sum' | 'resetHint'>,
): Histogram {
  const { isFloat, positiveSpans } = layout;
  const width = widthOf(layout);
  const run = numbers.length / width;
  const at = (place: number) => numbers[place * run + i] as number;
  const positives = bucketsOf(positiveSpans);
  const readSide = (begin: number, length: number): number[] => {
    const side = new Array<number>(length);
    for (let k = 0; k < length; k++) side[k] = at(begin + k);
    if (scale < 0) return side;
    return isFloat ? side.map((mantissa) => fromMantissa(mantissa, scale)) : toDeltas(side);
  };
  const positive = readSide(COUNTS_BEFORE_BUCKETS, positives);
  const negative = readSide(COUNTS_BEFORE_BUCKETS + positives, width - COUNTS_BEFORE_BUCKETS - positives);
  const value = (mantissa: number) => (scale < 0 ? mantissa : fromMantissa(mantissa, scale));
  return {
    ...rest,
    ...layout,
    count: value(scale < 0 ? at(0) : totalOf(numbers, i, run)),
    zeroCount: value(at(1)),
    positiveDeltas: isFloat ? NONE : positive,
    positiveCounts: isFloat ? positive : NONE,
    negativeDeltas: isFloat ? NONE : negative,
    negativeCounts: isFloat ? negative : NONE,
  };
}

const NONE: readonly number[] = [];

/** Writes the numbers of histogram `i` of a run; the deltas of integer buckets as counts unless they are to be `raw`. */
function fill(numbers: Float64Array, i: number, run: number, histogram: Histogram, raw: boolean): void {
  numbers[i] = histogram.count;
  numbers[run + i] = histogram.zeroCount;
  let place = COUNTS_BEFORE_BUCKETS * run + i;
  const { isFloat, positiveCounts, positiveDeltas, negativeCounts, negativeDeltas } = histogram;
  for (const side of isFloat ? [positiveCounts, negativeCounts] : [positiveDeltas, negativeDeltas]) {
    let count = 0;
    for (const number of side) {
      count = raw ? number : count + number;
      numbers[place] = count;
      place += run;
    }
  }
}

function toDeltas(counts: readonly number[]): number[] {
  return counts.map((count, k) => count - (k === 0 ? 0 : (counts[k - 1] as number)));
}

/** Leaves of each count what its buckets do not account for; false where numbers are too large to do that exactly. */
function subtractBuckets(mantissas: Float64Array, run: number): boolean {
  for (let i = 0; i < run; i++) {
    let size = 0;
    for (let place = i; place < mantissas.length; place += run) size += Math.abs(mantissas[place] as number);
    if (size > MAX_MANTISSA) return false;
  }
  for (let i = 0; i < run; i++) {
    mantissas[i] = 2 * (mantissas[i] as number) - totalOf(mantissas, i, run);
  }
  return true;
}

function totalOf(mantissas: Float64Array, i: number, run: number): number {
  let sum = 0;
  for (let place = i; place < mantissas.length; place += run) sum += mantissas[place] as number;
  return sum;
}
