import { QueryTimeoutError } from '../promql/errors.ts';
import type { QueryOptions } from '../promql/query-options.ts';
import type { QueryResult } from '../promql/result.ts';
import { ApiError } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { writeQueryData } from './json/write-query-data.ts';
import { parseDuration } from './params/parse-duration.ts';
import { truncateResult } from './truncate.ts';

/** `timeout` and `lookback_delta` of /query and /query_range. */
export function queryOptions({ params, signal }: Call): QueryOptions {
  const timeout = params.get('timeout') === '' ? undefined : params.duration('timeout');
  const lookbackDelta = lookbackOf(params.get('lookback_delta'));
  if (timeout !== undefined && timeout <= 0) throw new QueryTimeoutError('query timed out in expression evaluation');
  return {
    signal,
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

/** ms; 0 where the engine's default holds. */
function lookbackOf(text: string): number {
  if (text === '') return 0;
  try {
    return parseDuration(text);
  } catch (error) {
    throw new ApiError('bad_data', `error parsing lookback delta duration: ${(error as Error).message}`);
  }
}
