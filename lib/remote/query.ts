import { expectSuccess } from './expect-success.ts';
import {
  AnswerTooLargeError,
  MalformedAnswerError,
  parseErrorEnvelope,
  parseQueryAnswer,
  type QueryAnswer,
  warningsOf,
} from './query-answer.ts';
import type { RemoteClient } from './remote-client.ts';
import { RemoteError } from './remote-error.ts';

/** Bounds of one query. */
export interface QueryLimits {
  /** ms for the whole exchange; the server is told to stop then, too. */
  readonly timeout: number;
  readonly maxBytes: number;
  readonly maxSamples: number;
  readonly signal?: AbortSignal;
}

/** Times of a range query, ms. */
export interface QueryTimes {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The server understood the request and refused or failed to answer it, in its own words. */
export class QueryRejectedError extends RemoteError {
  override name = 'QueryRejectedError';
  /** Of Prometheus's `errorType`s; '' where the server names none. */
  readonly errorType: string;
  readonly status: number;
  /** What the server said, without our words around it. */
  readonly said: string;

  constructor(url: string, status: number, errorType: string, said: string) {
    super('http_status', `${url} answers ${status} ${errorType}: ${said.slice(0, 500)}`);
    this.errorType = errorType;
    this.status = status;
    this.said = said;
  }
}

/**
 * Evaluates an expression on a server at one time (ms).
 * @throws RemoteError, QueryRejectedError
 */
export function queryInstant(
  client: RemoteClient,
  expr: string,
  time: number,
  limits: QueryLimits,
): Promise<QueryAnswer> {
  return ask(client, '/api/v1/query', [['query', expr], ['time', seconds(time)], ...serverTimeout(limits)], limits);
}

/**
 * Evaluates an expression on a server at each step of a range.
 * @throws RemoteError, QueryRejectedError
 */
export function queryRange(
  client: RemoteClient,
  expr: string,
  { start, end, step }: QueryTimes,
  limits: QueryLimits,
): Promise<QueryAnswer> {
  const times: [string, string][] = [
    ['start', seconds(start)],
    ['end', seconds(end)],
    ['step', seconds(step)],
  ];
  return ask(client, '/api/v1/query_range', [['query', expr], ...times, ...serverTimeout(limits)], limits);
}

/**
 * Which metrics of `names` the server has in [start, end] (ms), and perhaps some more: it knows only by blocks of time.
 * @throws RemoteError
 */
export async function queryMetricNames(
  client: RemoteClient,
  names: readonly string[],
  { start, end }: Pick<QueryTimes, 'start' | 'end'>,
  limits: QueryLimits,
): Promise<ReadonlySet<string>> {
  const path = '/api/v1/label/__name__/values';
  const pattern = names.map((name) => name.replace(/[\\.+*?()[\]{}^$|]/g, '\\$&')).join('|');
  const params: [string, string][] = [
    ['match[]', `{__name__=~${JSON.stringify(pattern)}}`],
    ['start', seconds(start)],
    ['end', seconds(end)],
  ];
  const url = `${client.url}${path}`;
  const { timeout, maxBytes, signal } = limits;
  const request = { method: 'GET', path, params, headers: JSON_ONLY, timeout, maxBytes } as const;
  const { body } = expectSuccess(await client.send({ ...request, ...(signal && { signal }) }), url);
  const found = readNames(body.toString('utf8'));
  if (found === undefined) throw new RemoteError('bad_response', `cannot read ${url}: it is no list of names`);
  return new Set(found);
}

const JSON_ONLY = { accept: 'application/json' } as const;

/** Expressions outgrow URLs, so they travel in a form. */
async function ask(
  client: RemoteClient,
  path: string,
  params: readonly (readonly [string, string])[],
  { timeout, maxBytes, maxSamples, signal }: QueryLimits,
): Promise<QueryAnswer> {
  const url = `${client.url}${path}`;
  const request = { method: 'POST', path, params, headers: JSON_ONLY, timeout, maxBytes } as const;
  const response = await client.send({ ...request, ...(signal && { signal }) });
  const { status } = response;
  if (status !== 200 && status !== 401 && status !== 403) {
    const refusal = parseErrorEnvelope(response.body.toString('utf8'));
    if (refusal !== undefined) throw new QueryRejectedError(url, status, refusal.errorType, refusal.error);
  }
  const { body } = expectSuccess(response, url);
  try {
    return parseQueryAnswer(body.toString('utf8'), maxSamples);
  } catch (error) {
    if (!(error instanceof MalformedAnswerError)) throw error;
    const reason = error instanceof AnswerTooLargeError ? 'body_too_large' : 'bad_response';
    throw new RemoteError(reason, `cannot read the answer of ${url}: ${error.message}`, error);
  }
}

/** The server gives up together with us instead of going on for nobody. */
function serverTimeout({ timeout }: QueryLimits): [string, string][] {
  return [['timeout', `${Math.max(1, Math.ceil(timeout))}ms`]];
}

/** Undefined also for a list that may lack some: a name that is not there is not asked for. */
function readNames(body: string): string[] | undefined {
  try {
    const envelope = JSON.parse(body) as Record<string, unknown>;
    const { status, data } = envelope;
    const isWhole = status === 'success' && warningsOf(envelope).length === 0;
    return isWhole && Array.isArray(data) ? data.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds to seconds without a rounding error in the text. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
