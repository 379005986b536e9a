/** A number as series lines and literals spell it; a sign may stand before it. */
export const NUMBER = /[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]|[nN][aA][nN])/;

const WHOLE = new RegExp(`^${NUMBER.source}$`);

/** Whether a text is a number and nothing else. */
export function isNumber(text: string): boolean {
  return WHOLE.test(text);
}

/** The value of a text that `NUMBER` matches. */
export function parseNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '').toLowerCase();
  if (digits === 'inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === 'nan') return Number.NaN;
  const value = Number(digits);
  if (Number.isNaN(value)) throw new Error(`cannot parse number ${JSON.stringify(text)}`);
  return sign * value;
}
