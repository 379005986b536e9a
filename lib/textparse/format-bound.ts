import { formatFloatGeneral } from '../model/format-float.ts';
import { readFloat } from './read-float.ts';

/** A bound as OpenMetrics and Prometheus 3 spell it: always recognisable as a float (`1.0`, `0.5`, `1e+06`, `+Inf`). */
export function formatBound(bound: number): string {
  const text = formatFloatGeneral(bound);
  return Number.isFinite(bound) && !/[.e]/.test(text) ? `${text}.0` : text;
}

/** Respells the value of `le` or `quantile`; what is no float stays as it is. */
export function normalizeBound(text: string): string {
  const bytes = Buffer.from(text);
  const bound = readFloat(bytes, 0, bytes.length);
  return bound === undefined ? text : formatBound(bound);
}
