import { mayReach } from '../context/authenticate.ts';
import type { QuerySource } from '../context/tenant.ts';
import { askOnDemand, type OnDemandQuery } from '../pipeline/query-source-on-demand.ts';
import { QueryRejectedError, type QueryTimes } from '../remote/query.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { ApiError, type ErrorType, invalidParameter } from './api-error.ts';
import { boundToken } from './authorize.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { rangeOf } from './query-range.ts';

/** `POST /api/v1/sources/<name>/query`: one expression on the server of a query source, now or at `time`. */
export function sourceQuery(name: string, call: Call, dependencies: ApiDependencies): Promise<Answer> {
  return askSource(name, call, dependencies, () => call.params.timeOr('time', dependencies.now()));
}

/** `POST /api/v1/sources/<name>/query_range`: the same over a range. */
export function sourceQueryRange(name: string, call: Call, dependencies: ApiDependencies): Promise<Answer> {
  return askSource(name, call, dependencies, () => rangeOf(call.params));
}

/** The expression goes to the server as it is: it may know functions that we do not. */
async function askSource(
  name: string,
  call: Call,
  { sourceClient }: ApiDependencies,
  timesOf: () => number | QueryTimes,
): Promise<Answer> {
  if (call.token !== undefined && !mayReach(call.token, name)) throw boundToken(call.token, `not to ${name}`);
  const source = querySourceOf(call, name);
  const { params, signal } = call;
  const query = params.get('query');
  if (query === '') throw invalidParameter('query', 'is missing; give the expression to evaluate');
  const timeout = params.get('timeout') === '' ? undefined : params.duration('timeout');
  if (timeout !== undefined && timeout <= 0) throw invalidParameter('timeout', 'must be more than 0');
  const asked: OnDemandQuery = { query, at: timesOf(), signal, ...(timeout === undefined ? {} : { timeout }) };
  if (sourceClient === undefined) throw new ApiError('unavailable', 'sources cannot be asked from here');
  try {
    const { data, warnings, infos } = await askOnDemand(sourceClient(call.tenant, source), source, asked);
    return { data: (out) => out.write(JSON.stringify(data)), warnings, infos };
  } catch (error) {
    throw error instanceof RemoteError && !signal.aborted ? toldOf(error, name) : error;
  }
}

/** @throws ApiError not_found, with the sources that there are */
function querySourceOf({ tenant }: Call, name: string): QuerySource {
  const known = tenant.sources.filter((source): source is QuerySource => source.type === 'query');
  const source = known.find((one) => one.name === name);
  if (source !== undefined) return source;
  const names = known.map((one) => one.name).join(', ') || 'none';
  throw new ApiError('not_found', `there is no query source ${JSON.stringify(name)}; this tenant has ${names}`);
}

/** What the server says of the expression is the client's to mend; what is wrong between us and it is not. */
function toldOf(error: RemoteError, name: string): ApiError {
  const text = `source ${name}: ${error.message}`;
  if (error instanceof QueryRejectedError) {
    const type = REFUSALS.find((one) => one === error.errorType) ?? REFUSAL_OF_STATUS[error.status];
    return new ApiError(type ?? 'unavailable', type === undefined ? text : `source ${name}: ${error.said}`);
  }
  if (error.reason === 'timeout') return new ApiError('timeout', text);
  if (error.reason === 'body_too_large') return new ApiError('execution', `${text}; ask for less`);
  return new ApiError('unavailable', text);
}

/** Prometheus's types that are ours, too. */
const REFUSALS: readonly ErrorType[] = ['bad_data', 'execution', 'timeout'];

/** Servers with types of their own; VictoriaMetrics writes the status there. */
const REFUSAL_OF_STATUS: Readonly<Record<number, ErrorType>> = { 400: 'bad_data', 422: 'execution' };
