import { QueryTimeoutError } from '../promql/errors.ts';
import type { QueryOptions } from '../promql/query-options.ts';
import type { QueryResult } from '../promql/result.ts';
import { ApiError, invalidParameter } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { writeQueryData } from './json/write-query-data.ts';
import type { Params } from './params/params.ts';
import { parseDuration } from './params/parse-duration.ts';
import { truncateResult } from './truncate.ts';

/** `timeout`, `lookback_delta` and, as Thanos has it, `max_source_resolution` of /query and /query_range. */
export function queryOptions({ params, signal }: Call): QueryOptions {
  const timeout = params.get('timeout') === '' ? undefined : params.duration('timeout');
  const lookbackDelta = lookbackOf(params.get('lookback_delta'));
  const maxSourceResolution = resolutionOf(params);
  if (timeout !== undefined && timeout <= 0) throw new QueryTimeoutError('query timed out in expression evaluation');
  return {
    signal,
    maxSourceResolution,
    ...(timeout === undefined ? {} : { timeout }),
    ...(lookbackDelta > 0 ? { lookbackDelta } : {}),
  };
}

/** The answer to a query: cut to `limit`, with statistics when `stats` has any value. */
export function queryAnswer(result: QueryResult, limit: number, { params }: Call): Answer {
  const { data, warnings } = truncateResult(result.data, limit);
  return {
    data: (out) => writeQueryData(out, data, params.get('stats') === '' ? undefined : result.stats),
    warnings: [...result.warnings, ...warnings],
    infos: result.infos,
  };
}

/** `auto`, or the widest windows that may answer, ms. */
function resolutionOf(params: Params): number | 'auto' {
  const text = params.get('max_source_resolution');
  if (text === '' || text === 'auto') return 'auto';
  const width = params.duration('max_source_resolution');
  if (width < 0) throw invalidParameter('max_source_resolution', 'must be 0s, 5m, 1h or auto');
  return width;
}

/** ms; 0 where the engine's default holds. */
function lookbackOf(text: string): number {
  if (text === '') return 0;
  try {
    return parseDuration(text);
  } catch (error) {
    throw new ApiError('bad_data', `error parsing lookback delta duration: ${(error as Error).message}`);
  }
}
