/** A sample value as the HTTP API writes it: text, with infinities as Go spells them. */
export function parseValue(text: string | number): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
