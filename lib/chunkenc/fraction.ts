/** Values as `numerator / denominator`, and how many steps of the last place the quotients are off; by place. */
export interface Fractions {
  readonly numerators: Float64Array;
  /** 0 for a value that is no short fraction. */
  readonly denominators: Float64Array;
  /** What to add to the bits of the quotient to get the bits of the value. */
  readonly ulps: Float64Array;
}

export const MAX_DENOMINATOR = 2 ** 30;
const MAX_NUMERATOR = 2 ** 40;
/** Sums and products round a few times; small differences of large numbers are off by more. */
const MAX_ULPS = 2 ** 12;
const MAX_TERMS = 40;

const doubles = new Float64Array(2);
const words = new Uint32Array(doubles.buffer);
const [LOW, HIGH] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

export function newFractions(count: number): Fractions {
  return {
    numerators: new Float64Array(count),
    denominators: new Float64Array(count),
    ulps: new Float64Array(count),
  };
}

/**
 * The simplest fraction next to a value, by continued fractions, put at a place of `into`; false where numerator and
 * denominator would be too long, and for NaN, infinities and -0. Rates, ratios and averages of counters are fractions with
 * a few rounding errors.
 */
export function toFraction(value: number, into: Fractions, place: number): boolean {
  if (value === 0) return put(into, place, 0, Object.is(value, 0) ? 1 : 0, 0);
  const size = Math.abs(value);
  if (!(size < MAX_NUMERATOR)) return put(into, place, 0, 0, 0);
  let numeratorBefore = 0;
  let numerator = 1;
  let denominatorBefore = 1;
  let denominator = 0;
  let rest = size;
  for (let term = 0; term < MAX_TERMS; term++) {
    const whole = Math.floor(rest);
    const nextNumerator = whole * numerator + numeratorBefore;
    const nextDenominator = whole * denominator + denominatorBefore;
    numeratorBefore = numerator;
    denominatorBefore = denominator;
    numerator = nextNumerator;
    denominator = nextDenominator;
    if (numerator > MAX_NUMERATOR || denominator > MAX_DENOMINATOR) break;
    const ulps = ulpsBetween(numerator / denominator, size);
    if (numerator > 0 && Math.abs(ulps) <= MAX_ULPS)
      return put(into, place, withSign(numerator, value), denominator, ulps);
    if (rest === whole) break;
    rest = 1 / (rest - whole);
  }
  return put(into, place, 0, 0, 0);
}

/** The same with a denominator that is given, as neighbours have it: false, and nothing put, where that is too far off. */
export function toFractionOf(value: number, denominator: number, into: Fractions, place: number): boolean {
  const size = Math.abs(value);
  const numerator = Math.round(size * denominator);
  if (!(numerator <= MAX_NUMERATOR) || (numerator === 0 && !Object.is(value, 0))) return false;
  const ulps = ulpsBetween(numerator / denominator, size);
  return Math.abs(ulps) <= MAX_ULPS && put(into, place, withSign(numerator, value), denominator, ulps);
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

function withSign(numerator: number, value: number): number {
  return value < 0 ? -numerator : numerator;
}

/** Whether what was put is a fraction. */
function put(
  { numerators, denominators, ulps: corrections }: Fractions,
  place: number,
  numerator: number,
  denominator: number,
  ulps: number,
): boolean {
  numerators[place] = numerator;
  denominators[place] = denominator;
  corrections[place] = ulps;
  return denominator > 0;
}
