/**
 * Digits of a finite number rounded to `count` significant ones, ties to even as Go rounds; JavaScript rounds exact ties
 * away from zero. `exponent` is that of the first digit.
 */
function roundedDigits(magnitude: number, count: number): { digits: string; exponent: number } {
  const wanted = Math.max(count, 0);
  const [mantissa = '', power = '0'] = magnitude.toExponential(100).split('e');
  const all = mantissa.replace('.', '');
  let exponent = Number(power);
  const [head, tail] = [all.slice(0, wanted), all.slice(wanted)];
  const isUp = tail[0] !== undefined && (tail > '5'.padEnd(tail.length, '0') || (isTie(tail) && /[13579]$/.test(head)));
  let digits = isUp ? String(BigInt(head === '' ? '0' : head) + 1n).padStart(wanted, '0') : head;
  if (digits.length > wanted) {
    exponent++;
    digits = digits.slice(0, Math.max(wanted, 1));
  }
  return { digits, exponent };
}

function isTie(tail: string): boolean {
  return /^50*$/.test(tail);
}

/** `%.{precision}f` */
export function formatFixed(value: number, precision: number): string {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (magnitude === 0) return sign + (0).toFixed(Math.min(precision, 100));
  const leading = Number(magnitude.toExponential(100).split('e')[1]);
  const count = leading + 1 + precision;
  const { digits, exponent } = count < 0 ? { digits: '', exponent: leading } : roundedDigits(magnitude, count);
  if (digits === '') return sign + (0).toFixed(Math.min(precision, 100));
  // `digits` is the number in units of 10^-precision.
  const isCarried = exponent > leading;
  const units = (isCarried ? digits.padEnd(count + 1, '0') : digits).padStart(precision + 1, '0');
  const whole = units.slice(0, units.length - precision);
  return sign + (precision === 0 ? whole : `${whole}.${units.slice(units.length - precision)}`);
}

/** `%.{precision}e` */
export function formatExponent(value: number, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  const { digits, exponent } =
    magnitude === 0 ? { digits: '0'.repeat(precision + 1), exponent: 0 } : roundedDigits(magnitude, precision + 1);
  const mantissa = precision === 0 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `%.{precision}g`: trailing zeros go, and large and small numbers get an exponent. */
export function formatGeneral(value: number, precision: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const count = Math.max(precision, 1);
  const { digits, exponent } = roundedDigits(Math.abs(value), count);
  const kept = digits.replace(/0+$/, '');
  const limit = count > kept.length && kept.length > exponent ? kept.length : count;
  if (exponent < -4 || exponent >= limit) return formatExponent(value, kept.length - 1);
  const fraction = Math.max(0, kept.length - 1 - exponent);
  return formatFixed(value, fraction);
}

/** NaN and infinities; undefined for finite numbers. */
export function formatSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? '+Inf' : '-Inf';
}
