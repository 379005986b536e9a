import type { Labels } from '../model/labels.ts';
import { EXPLAIN_WINDOW_MS, explainSeries } from '../pipeline/explain/explain-series.ts';
import { PlanReader } from '../pipeline/explain/plan-reader.ts';
import type { Plan } from '../plan/plan.ts';
import { ApiError, invalidParameter } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { selectorOf, seriesOf } from './params/series-parameter.ts';

const DEFAULT_BREADTH = 2;
const MAX_BREADTH = 10;

/**
 * `GET|POST /api/v1/explain?series=<selector>[&time=][&breadth=]`: where a series comes from. Not part of Prometheus's
 * API. A selector that finds several series explains the first and lists how many there are.
 */
export async function explain(call: Call, dependencies: ApiDependencies): Promise<Answer> {
  const { params, querier, tenant, signal } = call;
  const { plan, engine, evaluationInterval, now } = dependencies;
  const time = params.timeOr('time', now());
  const breadth = params.count('breadth') ?? DEFAULT_BREADTH;
  if (breadth < 0 || breadth > MAX_BREADTH) {
    throw invalidParameter('breadth', `must be 0 to ${MAX_BREADTH}, got ${breadth}`);
  }
  const { series, matching } = await wantedSeries(call, time);
  const world = { reader: readerOf(plan), tenant, evaluationInterval, store: { querier, engine } };
  const explanation = await explainSeries(series, world, { time, breadth, signal });
  return { data: (out) => out.write(JSON.stringify({ plan: plan.version, matching, explanation })) };
}

const readers = new WeakMap<Plan, PlanReader>();

function readerOf(plan: Plan): PlanReader {
  let reader = readers.get(plan);
  if (reader === undefined) {
    reader = new PlanReader(plan);
    readers.set(plan, reader);
  }
  return reader;
}

const MAX_MATCHING = 1000;

/** The first series that the selector finds; a complete one that is not stored (any more) is explained all the same. */
async function wantedSeries(
  { params, querier, signal }: Call,
  time: number,
): Promise<{ readonly series: Labels; readonly matching: number }> {
  const matchers = selectorOf(params.get('series'));
  const hints = { mint: time - EXPLAIN_WINDOW_MS, maxt: time, limit: MAX_MATCHING, signal };
  const found = await querier.series(hints, ...matchers);
  const written = seriesOf(matchers);
  const exact = found.find((labels) => written?.equals(labels));
  const series = exact ?? found[0] ?? written;
  if (series !== undefined) return { series, matching: exact === undefined ? found.length : 1 };
  throw new ApiError('not_found', `no series matches ${params.get('series')} in the hour before ${time / 1000}`);
}
