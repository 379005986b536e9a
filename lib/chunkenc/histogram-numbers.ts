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

/** What is not among the numbers of a histogram. */
export type BesideNumbers = Pick<Histogram, 'timestamp' | 'startTimestamp' | 'sum' | 'resetHint'>;

/** Makes the histograms of a run again; sums, times and hints come from elsewhere. */
export function histogramsFrom(
  layout: HistogramLayout,
  { scale, numbers }: RunNumbers,
  besideOf: (i: number) => BesideNumbers,
): Histogram[] {
  const { isFloat, positiveSpans } = layout;
  const width = widthOf(layout);
  const run = numbers.length / width;
  const negativeFrom = COUNTS_BEFORE_BUCKETS + bucketsOf(positiveSpans);
  const isRaw = scale < 0;
  const value = (place: number) => {
    const number = numbers[place] as number;
    return isRaw ? number : fromMantissa(number, scale);
  };
  const readSide = isFloat || isRaw ? readValues : readDeltas;
  return Array.from({ length: run }, (_, i) => {
    const positive = readSide(numbers, COUNTS_BEFORE_BUCKETS * run + i, negativeFrom * run, run, scale);
    const negative = readSide(numbers, negativeFrom * run + i, numbers.length, run, scale);
    return {
      ...besideOf(i),
      ...layout,
      count: isRaw ? value(i) : fromMantissa(totalOf(numbers, i, run), scale),
      zeroCount: value(run + i),
      positiveDeltas: isFloat ? NONE : positive,
      positiveCounts: isFloat ? positive : NONE,
      negativeDeltas: isFloat ? NONE : negative,
      negativeCounts: isFloat ? negative : NONE,
    };
  });
}

/** Every `run`-th number of [begin, end), as it is or as a decimal. */
function readValues(numbers: Float64Array, begin: number, end: number, run: number, scale: number): number[] {
  const side: number[] = [];
  for (let place = begin; place < end; place += run) {
    const number = numbers[place] as number;
    side.push(scale < 0 ? number : fromMantissa(number, scale));
  }
  return side;
}

/** Every `run`-th whole number of [begin, end), as the difference to the one before. */
function readDeltas(numbers: Float64Array, begin: number, end: number, run: number): number[] {
  const side: number[] = [];
  let last = 0;
  for (let place = begin; place < end; place += run) {
    const count = numbers[place] as number;
    side.push(count - last);
    last = count;
  }
  return side;
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
