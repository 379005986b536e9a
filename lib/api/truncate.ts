import type { QueryData } from '../promql/result.ts';

/** The warning of every answer that `limit` cut short. */
export const TRUNCATED = 'results truncated due to limit';

/** The first `limit` items (0: all) and the warning, if any are missing. */
export function truncate<T>(items: readonly T[], limit: number): { items: readonly T[]; warnings: readonly string[] } {
  if (limit === 0 || items.length <= limit) return { items, warnings: [] };
  return { items: items.slice(0, limit), warnings: [TRUNCATED] };
}

/** As `truncate`, for the series of a query's result. Scalars and strings have nothing to cut. */
export function truncateResult(data: QueryData, limit: number): { data: QueryData; warnings: readonly string[] } {
  if (data.kind === 'vector') {
    const { items, warnings } = truncate(data.samples, limit);
    return { data: { kind: 'vector', samples: items }, warnings };
  }
  if (data.kind === 'matrix') {
    const { items, warnings } = truncate(data.series, limit);
    return { data: { kind: 'matrix', series: items }, warnings };
  }
  return { data, warnings: [] };
}
