/** A value as `numerator / denominator`, and how many steps of the last place the quotient is off. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
  /** What to add to the bits of the quotient to get the bits of the value. */
  readonly ulps: number;
}

export const MAX_DENOMINATOR = 2 ** 30;
const MAX_NUMERATOR = 2 ** 40;
/** Sums and products round a few times; small differences of large numbers are off by more. */
const MAX_ULPS = 2 ** 12;
const MAX_TERMS = 40;

const doubles = new Float64Array(2);
const words = new Uint32Array(doubles.buffer);
const [LOW, HIGH] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

/**
 * The simplest fraction next to a value, by continued fractions; undefined where numerator and denominator would
 * be too long, and for NaN, infinities and -0. Rates, ratios and averages of counters are fractions with a few rounding errors.
 */
export function toFraction(value: number): Fraction | undefined {
  if (value === 0) return Object.is(value, 0) ? { numerator: 0, denominator: 1, ulps: 0 } : undefined;
  const size = Math.abs(value);
  if (!(size < MAX_NUMERATOR)) return undefined;
  let [before, numerator, denominatorBefore, denominator] = [0, 1, 1, 0];
  let rest = size;
  for (let term = 0; term < MAX_TERMS; term++) {
    const whole = Math.floor(rest);
    [before, numerator] = [numerator, whole * numerator + before];
    [denominatorBefore, denominator] = [denominator, whole * denominator + denominatorBefore];
    if (numerator > MAX_NUMERATOR || denominator > MAX_DENOMINATOR) return undefined;
    const ulps = ulpsBetween(numerator / denominator, size);
    if (numerator > 0 && Math.abs(ulps) <= MAX_ULPS)
      return { numerator: value < 0 ? -numerator : numerator, denominator, ulps };
    if (rest === whole) return undefined;
    rest = 1 / (rest - whole);
  }
  return undefined;
}

/** The value that a fraction stands for, bit by bit. */
export function fromFraction(numerator: number, denominator: number, ulps: number): number {
  const quotient = numerator / denominator;
  if (ulps === 0) return quotient;
  doubles[0] = quotient;
  const low = (words[LOW] as number) + ulps;
  words[HIGH] = (words[HIGH] as number) + Math.floor(low / 2 ** 32);
  words[LOW] = low;
  return doubles[0];
}

/** How many doubles `b` stands after `a`; both positive. */
export function ulpsBetween(a: number, b: number): number {
  doubles[0] = a;
  doubles[1] = b;
  const high = (words[2 + HIGH] as number) - (words[HIGH] as number);
  return high * 2 ** 32 + (words[2 + LOW] as number) - (words[LOW] as number);
}

export function greatestDivisor(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}
