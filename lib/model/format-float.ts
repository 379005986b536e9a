/**
 * A float as Prometheus's HTTP API writes it: the shortest decimal that reads back as the same number, without an
 * exponent from 1e-6 up to below 1e21 and with one (of at least two digits) outside. `NaN`, `+Inf`, `-Inf`, `-0`.
 * Those are JavaScript's own limits too, so only the spelling of the exponent and the special values differ.
 */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-6 && magnitude < 1e21) return String(value);
  return specialFloat(value) ?? padExponent(String(value));
}

/**
 * A float as the text exposition format writes it: Go's format `g` with the shortest precision, which turns to an
 * exponent below 1e-4 and from 1e6 on (1234567 is `1.234567e+06`).
 */
export function formatFloatGeneral(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return String(value);
  return specialFloat(value) ?? padExponent(value.toExponential());
}

function specialFloat(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : undefined;
}

/** Go writes at least two digits of exponent. */
function padExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
