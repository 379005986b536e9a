import type { QuerySource } from '../context/tenant.ts';
import { formatFloat } from '../model/format-float.ts';
import { type QueryTimes, queryInstant, queryRange } from '../remote/query.ts';
import type { AnsweredHistogram, AnsweredSeries, QueryAnswer } from '../remote/query-answer.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import type { QuerySourceDependencies } from './query-source.ts';

/** One question of a person to a source of theirs: at `time` (ms) or over a range. */
export interface OnDemandQuery {
  readonly query: string;
  readonly at: number | QueryTimes;
  /** ms; the smaller of this and the source's. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** The `data` of a Prometheus answer, as plain JSON, with the server's remarks. */
export interface OnDemandAnswer {
  readonly data: { readonly resultType: string; readonly result: unknown };
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/**
 * Runs one expression on the server of a query source now, within the limits of the source. Nothing is stored.
 * @throws RemoteError, QueryRejectedError
 */
export async function askOnDemand(
  client: RemoteClient,
  { timeout, limits }: Pick<QuerySource, 'timeout' | 'limits'>,
  { query, at, timeout: wanted = timeout, signal }: OnDemandQuery,
): Promise<OnDemandAnswer> {
  const { maxBodyBytes: maxBytes, maxSamples } = limits;
  const bounds = { timeout: Math.min(timeout, wanted), maxBytes, maxSamples, ...(signal && { signal }) };
  const answer =
    typeof at === 'number'
      ? await queryInstant(client, query, at, bounds)
      : await queryRange(client, query, at, bounds);
  const { warnings, infos } = answer;
  return { data: dataOf(answer), warnings, infos };
}

/** An invocation with one question. Who may invoke the function may ask any source of any tenant. */
export interface DirectQuery {
  readonly tenant: string;
  readonly source: string;
  readonly query: string;
  /** Seconds since the epoch; absent: now. */
  readonly time?: number;
}

/**
 * Answers a direct invocation.
 * @throws Error naming what is not configured; RemoteError, QueryRejectedError
 */
export function answerDirectly(
  { tenant, source, query, time }: DirectQuery,
  { targets, memoryOf, now }: Pick<QuerySourceDependencies, 'targets' | 'memoryOf' | 'now'>,
): Promise<OnDemandAnswer> {
  const target = targets.find((one) => one.tenant.name === tenant && one.source.name === source);
  if (target === undefined) {
    const known = targets.map((one) => `${one.tenant.name}/${one.source.name}`).join(', ') || 'none';
    throw new Error(`cannot ask ${tenant}/${source}: tributary.yml has no such query source; it has ${known}`);
  }
  const at = time === undefined ? now() : time * 1000;
  return askOnDemand(memoryOf(target).client, target.source, { query, at });
}

function dataOf({ kind, point, series }: QueryAnswer): OnDemandAnswer['data'] {
  if (point !== undefined) return { resultType: kind, result: [point.timestamp / 1000, point.text] };
  return { resultType: kind, result: kind === 'vector' ? series.map(sampleOf) : series.map(seriesOf) };
}

function sampleOf({ labels, timestamps, values, histograms }: AnsweredSeries) {
  const [histogram] = histograms;
  const metric = labels.toJSON();
  if (histogram === undefined) return { metric, value: pointOf(timestamps[0] ?? 0, values[0] ?? Number.NaN) };
  return { metric, histogram: [histogram.timestamp / 1000, histogramOf(histogram.histogram)] };
}

function seriesOf({ labels, timestamps, values, histograms }: AnsweredSeries) {
  return {
    metric: labels.toJSON(),
    ...(timestamps.length > 0 && { values: Array.from(timestamps, (time, i) => pointOf(time, values[i] as number)) }),
    ...(histograms.length > 0 && {
      histograms: histograms.map(({ timestamp, histogram }) => [timestamp / 1000, histogramOf(histogram)]),
    }),
  };
}

function pointOf(timestamp: number, value: number): [number, string] {
  return [timestamp / 1000, formatFloat(value)];
}

function histogramOf({ count, sum, buckets }: AnsweredHistogram) {
  return {
    count: formatFloat(count),
    sum: formatFloat(sum),
    ...(buckets.length > 0 && {
      buckets: buckets.map(([rule, ...bounds]) => [rule, ...bounds.map(formatFloat)]),
    }),
  };
}
