/**
 * The bound that a label `le` gives, or nothing where it is not a float as Go's `ParseFloat` reads one: decimal or
 * hexadecimal, `Inf`, `Infinity` and `NaN` in any case. Out of range is no float either.
 */
export function parseBound(text: string): number | undefined {
  const special = SPECIAL.exec(text);
  if (special !== null) {
    if (special[2] !== undefined) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const value = HEXADECIMAL.test(text) ? parseHexadecimal(text) : DECIMAL.test(text) ? Number(text) : undefined;
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

const SPECIAL = /^(?:([+-]?)inf(?:inity)?|(nan))$/i;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i;

function parseHexadecimal(text: string): number | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = HEXADECIMAL.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const mantissa = Number.parseInt(`${whole}${fraction}`, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -mantissa : mantissa;
}
