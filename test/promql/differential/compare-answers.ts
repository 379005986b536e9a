import { Labels } from '../../../lib/model/labels.ts';
import type { QueryData } from '../../../lib/promql/result.ts';
import { parseValue } from './parse-value.ts';
import type { ApiResponse, ApiSeries } from './prometheus-server.ts';

/** What an engine answered: data, or the error it gave instead. */
export type Answer = QueryData | Error;

const RELATIVE = 1e-9;
/** Differences of large values leave rounding noise where the exact answer is 0. */
const ABSOLUTE = 1e-9;

/**
 * What is different between Prometheus's answer and ours, or undefined: labels and timestamps exactly, values within
 * 1e-9. Two errors are equal whatever their texts.
 */
export function answerDifference(theirs: ApiResponse, ours: Answer, ordered: boolean): string | undefined {
  if (theirs.status === 'error') {
    return ours instanceof Error ? undefined : `Prometheus fails (${theirs.error}), we answer ${count(ours)}`;
  }
  if (ours instanceof Error) return `we fail (${ours.name}: ${ours.message}), Prometheus answers`;
  const data = theirs.data;
  if (data === undefined) throw new Error('BUG: Prometheus succeeds without data');
  if (data.resultType !== ours.kind) return `we answer a ${ours.kind}, Prometheus a ${data.resultType}`;
  switch (data.resultType) {
    case 'vector':
    case 'matrix':
      return seriesDifference(data.result.map(theirPoints), ourPoints(ours), ordered);
    default:
      return pointDifference(data.resultType, data.result, ourPoint(ours));
  }
}

/** Whether an answer holds any point, so that a comparison says something. */
export function holdsPoints(theirs: ApiResponse): boolean {
  return theirs.status === 'success' && theirs.data !== undefined && theirs.data.result.length > 0;
}

interface PlainSeries {
  readonly labels: Labels;
  readonly points: readonly (readonly [seconds: number, value: string | number])[];
}

function theirPoints({ metric, value, values }: ApiSeries): PlainSeries {
  return { labels: Labels.from(metric), points: values ?? (value === undefined ? [] : [value]) };
}

function ourPoints(data: QueryData): PlainSeries[] {
  if (data.kind === 'vector') {
    return data.samples.map(({ labels, timestamp, value }) => {
      if (typeof value !== 'number') throw new Error(`BUG: the dataset has no histograms, yet ${labels} is one`);
      return { labels, points: [[timestamp, value]] };
    });
  }
  if (data.kind !== 'matrix') throw new Error(`BUG: a ${data.kind} has no series`);
  return data.series.map(({ labels, timestamps, values }) => ({
    labels,
    points: Array.from(timestamps, (timestamp, i) => [timestamp, values[i] as number] as const),
  }));
}

function ourPoint(data: QueryData): readonly [number, string | number] {
  if (data.kind === 'scalar' || data.kind === 'string') return [data.timestamp, data.value];
  throw new Error(`BUG: a ${data.kind} is no single point`);
}

function seriesDifference(
  theirs: readonly PlainSeries[],
  ours: readonly PlainSeries[],
  ordered: boolean,
): string | undefined {
  const byKey = new Map(ours.map((series) => [series.labels.key, series]));
  for (const series of theirs) {
    const own = byKey.get(series.labels.key);
    if (own === undefined) return `we lack ${series.labels}`;
    byKey.delete(own.labels.key);
    const difference = pointsDifference(series, own);
    if (difference !== undefined) return difference;
  }
  const [extra] = byKey.values();
  if (extra !== undefined) return `we have ${extra.labels}, Prometheus has not`;
  return ordered ? orderDifference(theirs, ours) : undefined;
}

/** The order of values counts; which of two equal elements comes first is nobody's promise. */
function orderDifference(theirs: readonly PlainSeries[], ours: readonly PlainSeries[]): string | undefined {
  for (const [position, series] of theirs.entries()) {
    const [[, want] = [0, 0]] = series.points;
    const [[, got] = [0, 0]] = ours[position]?.points ?? [];
    if (!close(parseValue(want), Number(got))) return `at position ${position} comes ${got}, in Prometheus ${want}`;
  }
  return undefined;
}

function pointsDifference(theirs: PlainSeries, ours: PlainSeries): string | undefined {
  if (ours.points.length !== theirs.points.length) {
    return `${theirs.labels}: ${ours.points.length} points, Prometheus has ${theirs.points.length}`;
  }
  for (const [i, point] of theirs.points.entries()) {
    const difference = pointDifference(theirs.labels.toString(), point, ours.points[i] ?? [0, 0]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function pointDifference(
  name: string,
  [seconds, theirs]: readonly [number, string | number],
  [milliseconds, ours]: readonly [number, string | number],
): string | undefined {
  if (Math.round(seconds * 1000) !== milliseconds)
    return `${name}: a point at ${milliseconds} ms, Prometheus's at ${seconds} s`;
  if (typeof ours === 'string') return ours === theirs ? undefined : `${name}: ${ours}, Prometheus says ${theirs}`;
  return close(parseValue(theirs), ours) ? undefined : `${name} at ${seconds}: ${ours}, Prometheus says ${theirs}`;
}

function close(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b;
  return Math.abs(a - b) <= Math.max(ABSOLUTE, RELATIVE * Math.max(Math.abs(a), Math.abs(b)));
}

function count(data: QueryData): string {
  if (data.kind === 'vector') return `${data.samples.length} samples`;
  return data.kind === 'matrix' ? `${data.series.length} series` : `${data.kind} ${data.value}`;
}
