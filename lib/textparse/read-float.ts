import { MINUS, PLUS, POINT, ZERO } from './ascii.ts';

/** 10^0 … 10^22: the powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MAX_EXACT_EXPONENT = 22;

/** One more digit after this keeps the number below 2^53, where every integer is exact. */
const MAX_EXTENSIBLE = 900_719_925_474_098;

const EXPONENT_CAP = 100_000;

/**
 * Reads the float spelled by `bytes[start, end)` as Go's `strconv.ParseFloat` does, but for hexadecimals and underscores,
 * which the exposition formats do not know. The result is the double nearest to the decimal.
 *
 * Most values are short decimals: an integer below 2^53 and a power of ten up to 10^22 are both exact, so one
 * multiplication or division rounds once and thus correctly (Clinger 1990). The rest goes through `Number`.
 *
 * @returns undefined where the text is no float or is beyond the range of doubles (`describeFloatFault` says which).
 */
export function readFloat(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative || bytes[at] === PLUS) at++;
  const digitsStart = at;
  let mantissa = 0;
  let isExact = true;
  let pointAt = -1;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (mantissa <= MAX_EXTENSIBLE) mantissa = mantissa * 10 + digit;
      else isExact = false;
    } else if (digit === POINT - ZERO && pointAt < 0) pointAt = at;
    else break;
  }
  const digits = at - digitsStart - (pointAt < 0 ? 0 : 1);
  let exponent = pointAt < 0 ? 0 : pointAt + 1 - at;
  if (digits === 0) return readSpecial(bytes, start, end);
  if (at < end) {
    const written = readExponent(bytes, at, end);
    if (written === undefined) return undefined;
    exponent += written;
  }
  if (!isExact || exponent > MAX_EXACT_EXPONENT || exponent < -MAX_EXACT_EXPONENT) return readLong(bytes, start, end);
  const magnitude = exponent < 0 ? mantissa / (POWERS[-exponent] as number) : mantissa * (POWERS[exponent] as number);
  return isNegative ? -magnitude : magnitude;
}

/** Why `readFloat` refused a text. */
export function describeFloatFault(text: string): string {
  return /^[+-]?\d*\.?\d*(?:e[+-]?\d+)?$/i.test(text) && /\d/.test(text)
    ? 'the number is out of the range of a float64'
    : 'expected a float (no hexadecimals, no underscores)';
}

/** `e10`, `E-7`: the whole rest, or undefined. */
function readExponent(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (((bytes[start] as number) | 0x20) !== 0x65) return undefined;
  let at = start + 1;
  const isNegative = bytes[at] === MINUS;
  if (isNegative || bytes[at] === PLUS) at++;
  if (at >= end) return undefined;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    if (exponent < EXPONENT_CAP) exponent = exponent * 10 + digit;
  }
  return isNegative ? -exponent : exponent;
}

/** A number whose syntax is known to be good. Below the smallest denormal is zero; above the largest double is a fault. */
function readLong(bytes: Uint8Array, start: number, end: number): number | undefined {
  const value = Number(latin1(bytes, start, end));
  return Number.isFinite(value) ? value : undefined;
}

/** `NaN`, `Inf`, `Infinity`, in any case; infinities may have a sign. */
function readSpecial(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > 9) return undefined;
  switch (latin1(bytes, start, end).toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
