import type { SelectHints } from '../storage/interface.ts';
import type { Call } from './endpoint.ts';

/** Hints of a lookup that reads no samples. The store is asked for one entry more than the limit, to see that it cuts. */
export function lookupHints({ params, signal }: Call, limit: number): SelectHints {
  return { ...params.timeRange(), signal, ...(limit > 0 ? { limit: limit + 1 } : {}) };
}
