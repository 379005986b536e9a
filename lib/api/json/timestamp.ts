/**
 * A time in seconds, as the HTTP API writes sample times: whole seconds bare, else exactly three decimals
 * (`1435781451.780`). Takes whole milliseconds.
 */
export function formatTimestamp(ms: number): string {
  if (ms % 1000 === 0) return String(ms / 1000);
  const magnitude = Math.abs(ms);
  const fraction = String(magnitude % 1000).padStart(3, '0');
  return `${ms < 0 ? '-' : ''}${Math.floor(magnitude / 1000)}.${fraction}`;
}
