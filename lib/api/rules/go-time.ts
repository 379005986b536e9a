/** A time (ms) as Go writes it in JSON: RFC 3339 without trailing zeros; its zero time where there is none. */
export function formatGoTime(ms: number | undefined): string {
  if (ms === undefined) return '0001-01-01T00:00:00Z';
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}
