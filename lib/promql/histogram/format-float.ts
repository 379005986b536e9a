/**
 * A float as Go's `%g` prints it: the shortest digits that read back as the same number, with an exponent (of at least
 * two digits) below 1e-04 and from 1e+06.
 */
export function formatFloat(value: number): string {
  return nonFinite(value) ?? layOut(value.toExponential(), 6);
}

/** As `%.<digits>g`: at most `digits` significant digits, trailing zeros dropped. */
export function formatFloatTo(value: number, digits: number): string {
  return nonFinite(value) ?? layOut(value.toExponential(digits - 1), digits);
}

/** As OpenMetrics writes label values like `le` and quantiles: an integer gets `.0`. */
export function formatOpenMetricsFloat(value: number): string {
  const text = formatFloat(value);
  return Number.isFinite(value) && !/[.e]/.test(text) ? `${text}.0` : text;
}

function nonFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : undefined;
}

/** `exponential` is JavaScript's form, `d.ddde±x`; from 10^limit on the result has an exponent too. */
function layOut(exponential: string, limit: number): string {
  const [mantissa = '0', exponentText = '0'] = exponential.split('e');
  const exponent = Number(exponentText);
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  if (exponent < -4 || exponent >= limit) {
    const size = Math.abs(exponent).toString().padStart(2, '0');
    return `${trimmed}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  return plainDecimal(trimmed, exponent);
}

function plainDecimal(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
