import { ApiError, invalidParameter } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import type { Params } from './params/params.ts';
import { withinBudget } from './query-budget.ts';
import { queryAnswer } from './query-parameters.ts';

/** Points that one series of an answer may have: a week by the minute, a year by the hour. */
export const MAX_POINTS_PER_SERIES = 11_000;

/** `GET|POST /api/v1/query_range`: one expression at `start`, `start + step` … up to `end`. */
export async function queryRange(call: Call, { engine }: ApiDependencies): Promise<Answer> {
  const limit = call.params.limit();
  const range = rangeOf(call.params);
  const result = await withinBudget(call, range.end - range.start, (options) =>
    engine.rangeQuery(call.querier, call.params.get('query'), range, options),
  );
  return queryAnswer(result, limit, call);
}

/**
 * `start`, `end` and `step`, checked in Prometheus's order, so that a request with two faults is told of the same one.
 * @throws ApiError bad_data
 */
export function rangeOf(params: Params): { start: number; end: number; step: number } {
  const start = params.time('start');
  const end = params.time('end');
  if (end < start) throw invalidParameter('end', 'end timestamp must not be before start time');
  const step = params.duration('step');
  if (step <= 0) throw invalidParameter('step', NOT_POSITIVE);
  if (Math.floor((end - start) / step) > MAX_POINTS_PER_SERIES) throw new ApiError('bad_data', TOO_MANY_POINTS);
  if (step < 1) throw invalidParameter('step', `${params.get('step')} is less than a millisecond, the finest step`);
  return { start, end, step: Math.trunc(step) };
}

const NOT_POSITIVE = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
const TOO_MANY_POINTS =
  'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)';
