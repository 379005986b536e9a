import type { QuerySource } from '../context/tenant.ts';
import type { PushedQuery } from '../plan/push-down-queries.ts';
import { nameChunks } from '../remote/name-chunks.ts';
import { type QueryLimits, QueryRejectedError, queryInstant, queryMetricNames, queryRange } from '../remote/query.ts';
import type { AnsweredSeries, QueryAnswer } from '../remote/query-answer.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import { type FailureReason, RemoteError } from '../remote/remote-error.ts';
import { type Fault, queryFault } from './query-source-fault.ts';
import type { QueryOutcome } from './query-source-finish.ts';
import type { RunTimes } from './query-source-grid.ts';
import { sideBySide } from './side-by-side.ts';

export interface Asking {
  readonly client: RemoteClient;
  readonly source: Pick<QuerySource, 'timeout' | 'limits' | 'url'>;
  /** Until when the last answer must be there, by `performance.now()`. */
  readonly end: number;
}

/**
 * Asks a server all questions at the times of a run, a few at a time. One failed question is no other's fault; where no
 * question could be answered, or a range has to be cut, the rest is not asked.
 *
 * @returns one outcome for each query, in their order.
 */
export async function askServer(
  queries: readonly PushedQuery[],
  times: RunTimes,
  asking: Asking,
): Promise<readonly QueryOutcome[]> {
  const known = await knownMetrics(queries, times, asking);
  if ('reason' in known) return queries.map(() => ({ kind: 'failed', fault: known }));
  const isRange = times.start < times.end;
  let dead: Fault | undefined;
  return sideBySide(
    queries,
    asking.source.limits.maxConcurrency,
    async ({ expr, metric, ofHistograms }): Promise<QueryOutcome> => {
      if (!known.has(metric)) return NOTHING;
      if (dead !== undefined) return { kind: 'failed', fault: dead };
      try {
        return { kind: 'answered', series: await ask(expr, times, asking) };
      } catch (error) {
        if (ofHistograms === true && isUnknownFunction(error)) return NOTHING;
        const fault = queryFault(error);
        if (isFinal(fault) || (isRange && fault.cause === 'body_too_large')) dead = fault;
        return { kind: 'failed', fault };
      }
    },
  );
}

/** Of a metric that the server does not have. */
const NOTHING: QueryOutcome = { kind: 'answered', series: [] };

/** Whether no question was answered, be it that some were not worth asking, or the server went away under way. */
export function isDown(outcomes: readonly QueryOutcome[]): boolean {
  const asked = outcomes.filter((outcome) => outcome !== NOTHING);
  const isGone = asked.some((outcome) => outcome.kind === 'failed' && isNobodyThere(outcome.fault));
  return isGone || (asked.length > 0 && asked.every(({ kind }) => kind === 'failed'));
}

/** Whether fewer times might be answered where these were not. */
export function isTooMuch(outcomes: readonly QueryOutcome[], { start, end }: RunTimes): boolean {
  if (start === end) return false;
  const failedBy = (kind: string) =>
    outcomes.some((outcome) => outcome.kind === 'failed' && outcome.fault.reason === `query_failed: ${kind}`);
  return failedBy('body_too_large') || (failedBy('timeout') && !isDown(outcomes));
}

/** `unknown function with name "x"` of Prometheus, Thanos and Mimir, `unknown func "x"` of VictoriaMetrics. */
function isUnknownFunction(error: unknown): boolean {
  return error instanceof QueryRejectedError && /(unknown|unsupported) func/i.test(error.said);
}

/** These come before any question. */
const NOBODY_THERE: ReadonlySet<FailureReason> = new Set([
  'unknown_host',
  'address_not_allowed',
  'connection_refused',
  'unreachable',
  'tls',
  'credentials',
]);

function isNobodyThere({ cause }: Fault): boolean {
  return cause !== undefined && NOBODY_THERE.has(cause);
}

/** Whether every other question would fail as well. */
function isFinal(fault: Fault): boolean {
  return isNobodyThere(fault) || fault.cause === 'unauthorized' || fault.cause === 'redirect';
}

/** Longest selector of names; the request has to be a GET. */
const MAX_SELECTOR_LENGTH = 3000;

/**
 * The metrics that the server has. Rules know many conventions and a server has few of them, so one look saves most
 * questions. A server that cannot tell is asked everything.
 */
async function knownMetrics(
  queries: readonly PushedQuery[],
  { start, end }: RunTimes,
  asking: Asking,
): Promise<Pick<ReadonlySet<string>, 'has'> | Fault> {
  const reaches = queries.map(({ reach }) => reach);
  const farthest = reaches.includes(undefined) ? start : Math.max(0, ...reaches.map((reach) => reach ?? 0));
  const window = { start: Math.max(0, start - farthest), end };
  const found = new Set<string>();
  try {
    for (const names of nameChunks([...new Set(queries.map(({ metric }) => metric))], MAX_SELECTOR_LENGTH)) {
      for (const name of await queryMetricNames(asking.client, names, window, limitsOf(asking))) found.add(name);
    }
    return found;
  } catch (error) {
    const fault = queryFault(error);
    const cannotTell =
      fault.cause === 'http_status' || fault.cause === 'bad_response' || fault.cause === 'body_too_large';
    return cannotTell ? { has: () => true } : fault;
  }
}

/** @throws RemoteError also for an answer to something else than was asked. */
async function ask(expr: string, times: RunTimes, asking: Asking): Promise<readonly AnsweredSeries[]> {
  const { client, source } = asking;
  const { start, end, step } = times;
  if (start === end) {
    const answer = await queryInstant(client, expr, start, limitsOf(asking));
    checkAnswer(answer, 'vector', source.url);
    // Some servers tell the time of the sample that they found instead of the time that was asked for.
    return answer.series.map((one) => ({
      ...one,
      timestamps: one.timestamps.map(() => start),
      histograms: one.histograms.map((point) => ({ ...point, timestamp: start })),
    }));
  }
  const answer = await queryRange(client, expr, times, limitsOf(asking));
  checkAnswer(answer, 'matrix', source.url);
  for (const { timestamps, histograms } of answer.series) {
    const seen = new Set<number>();
    for (const time of [...timestamps, ...histograms.map(({ timestamp }) => timestamp)]) {
      const isStep = time >= start && time <= end && (time - start) % step === 0;
      if (isStep && !seen.has(time)) seen.add(time);
      else throw strayValue(time, isStep ? 'twice' : 'and that is no step of the range', source.url);
    }
  }
  return answer.series;
}

function strayValue(time: number, what: string, url: string): RemoteError {
  return new RemoteError('bad_response', `cannot use the answer of ${url}: it has a value at ${time / 1000}, ${what}`);
}

/** @throws RemoteError, and QueryRejectedError where the server says that it may have left out something. */
function checkAnswer({ kind, warnings }: QueryAnswer, expected: QueryAnswer['kind'], url: string): void {
  if (kind !== expected) {
    throw new RemoteError('bad_response', `cannot use the answer of ${url}: it is a ${kind} and not a ${expected}`);
  }
  const [missing] = warnings.filter((warning) => !ABOUT_THE_EXPRESSION.test(warning));
  if (missing !== undefined) throw new QueryRejectedError(url, 200, 'partial', missing);
}

/** Any other warning is of a store behind the server that did not answer (Thanos, remote read). */
const ABOUT_THE_EXPRESSION = /^PromQL (warning|info): /;

/** @throws RemoteError when no time is left. */
function limitsOf({ source, end }: Asking): QueryLimits {
  const { maxBodyBytes: maxBytes, maxSamples } = source.limits;
  const timeout = Math.min(source.timeout, Math.floor(end - performance.now()));
  if (timeout > 0) return { timeout, maxBytes, maxSamples };
  throw new RemoteError('timeout', `cannot ask ${source.url}: no time is left in this run`);
}
