/** Scales to try: more digits than 15 do not survive a double. */
const MAX_SCALE = 15;
/** Mantissas beyond this could overflow 2^53 when two of them are subtracted and zigzagged. */
const MAX_MANTISSA = 2 ** 51;
const POWERS = Float64Array.from({ length: MAX_SCALE + 1 }, (_, scale) => Number(`1e${scale}`));

/**
 * The smallest `scale` with which every value in [begin, end) is exactly `mantissa / 10^scale`, or -1 where there is
 * none: NaN, infinities, -0 and numbers that are not short decimals. Division of two exact doubles rounds correctly, so
 * what `fromMantissa` returns has the same bits as the value.
 */
export function decimalScale(values: Float64Array, begin: number, end: number): number {
  let whole = begin;
  while (whole < end && isWhole(values[whole] as number)) whole++;
  let scale = 0;
  for (let i = whole; i < end; i++) {
    while (!isDecimal(values[i] as number, scale)) if (++scale > MAX_SCALE) return -1;
  }
  if (scale === 0) return 0;
  for (let i = begin; i < end; i++) if (!isDecimal(values[i] as number, scale)) return -1;
  return scale;
}

/** The whole number that stands for a value at a scale found by `decimalScale`. */
export function toMantissa(value: number, scale: number): number {
  return Math.round(value * (POWERS[scale] as number));
}

/** The value that a mantissa stands for; `scale` in 0..15. */
export function fromMantissa(mantissa: number, scale: number): number {
  return scale === 0 ? mantissa : mantissa / (POWERS[scale] as number);
}

export function isScale(scale: number): boolean {
  return scale <= MAX_SCALE;
}

/** Decimal at scale 0, as most counters and gauges are; -0 is not. */
function isWhole(value: number): boolean {
  return Math.floor(value) === value && Math.abs(value) <= MAX_MANTISSA && (value !== 0 || 1 / value > 0);
}

function isDecimal(value: number, scale: number): boolean {
  const mantissa = toMantissa(value, scale);
  if (!(Math.abs(mantissa) <= MAX_MANTISSA) || fromMantissa(mantissa, scale) !== value) return false;
  return mantissa !== 0 || Object.is(value, 0);
}
