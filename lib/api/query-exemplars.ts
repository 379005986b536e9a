import { parseExpr } from '../promql/parse.ts';
import { ApiError } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { MAX_TIME, MIN_TIME } from './params/parse-time.ts';

/**
 * `GET|POST /api/v1/query_exemplars`: always an empty list, for exemplars are counted but not stored. Parameters are
 * checked all the same. Grafana probes with times in milliseconds, which as seconds lie 50,000 years ahead; they are
 * accepted.
 */
export async function queryExemplars({ params }: Call): Promise<Answer> {
  const start = params.timeOr('start', MIN_TIME);
  const end = params.timeOr('end', MAX_TIME);
  if (end < start) throw new ApiError('bad_data', 'end timestamp must not be before start timestamp');
  checkQuery(params.get('query'));
  return { data: (out) => out.write('[]') };
}

/** This endpoint tells parse errors without naming the parameter. */
function checkQuery(query: string): void {
  try {
    parseExpr(query);
  } catch (error) {
    throw new ApiError('bad_data', (error as Error).message);
  }
}
