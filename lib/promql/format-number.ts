/**
 * A float as Prometheus writes it in results and expressions (Go's `FormatFloat(v, 'f', -1, 64)`): the shortest
 * decimal that reads back the same, never with an exponent; `+Inf`, `-Inf`, `NaN`.
 */
export function formatDecimal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return text.includes('e') ? expand(text) : text;
}

/**
 * As Go's `%v` and `%g` print a float, which annotations use: an exponent below 1e-4 and from 1e21, two digits in it
 * at least.
 */
export function formatShort(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatDecimal(value);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -5 && exponent < 22) {
    const [, digits = ''] = value.toExponential().split('e');
    if (Number(digits) >= -4 && Number(digits) < 21) return formatDecimal(value);
  }
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `1.25e-7` to `0.000000125`. */
function expand(text: string): string {
  const [mantissa = '', exponentText = '0'] = text.split('e');
  const negative = mantissa.startsWith('-');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const exponent = Number(exponentText);
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const body =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${body}` : body;
}
