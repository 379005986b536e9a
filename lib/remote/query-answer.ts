import { Labels } from '../model/labels.ts';

/** A native histogram as the HTTP API spells it: boundaries of populated buckets, no schema. */
export interface AnsweredHistogram {
  readonly count: number;
  readonly sum: number;
  /** `rule` tells which bounds belong to the bucket: 0 the upper, 1 the lower, 2 none, 3 both. */
  readonly buckets: readonly (readonly [rule: number, lower: number, upper: number, count: number])[];
}

/** One series of an answer. Timestamps in ms. */
export interface AnsweredSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly { readonly timestamp: number; readonly histogram: AnsweredHistogram }[];
}

/** What a server answered to a query. An instant vector's series have one point each. */
export interface QueryAnswer {
  readonly kind: 'vector' | 'matrix' | 'scalar' | 'string';
  /** Of a vector or a matrix, in the server's order. */
  readonly series: readonly AnsweredSeries[];
  /** Of a scalar (a float's text) or a string; `timestamp` in ms. */
  readonly point?: { readonly timestamp: number; readonly text: string };
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** The answer is no answer of the Prometheus HTTP API; the text says what is wrong and where. */
export class MalformedAnswerError extends Error {
  override name = 'MalformedAnswerError';
}

/** The answer holds more samples than it may. */
export class AnswerTooLargeError extends MalformedAnswerError {
  override name = 'AnswerTooLargeError';
}

/** What a server says when it refuses. */
export interface ErrorEnvelope {
  readonly errorType: string;
  readonly error: string;
}

/** Reads `{"status":"error",…}`; undefined where the body is something else (a proxy's page). */
export function parseErrorEnvelope(body: string): ErrorEnvelope | undefined {
  try {
    const { status, errorType, error } = asRecord(JSON.parse(body), 'the answer');
    if (status !== 'error') return undefined;
    return { errorType: typeof errorType === 'string' ? errorType : '', error: String(error ?? '') };
  } catch {
    return undefined;
  }
}

/**
 * Reads the success envelope of `/api/v1/query` and `/api/v1/query_range`. Every part is checked: a server that answers
 * half of what it should is not taken for one that has no data.
 *
 * @throws MalformedAnswerError
 */
export function parseQueryAnswer(body: string, maxSamples: number): QueryAnswer {
  const envelope = asRecord(parseJson(body), 'the answer');
  if (envelope['status'] !== 'success') throw new MalformedAnswerError(`its status is ${show(envelope['status'])}`);
  const data = asRecord(envelope['data'], 'data');
  const { resultType, result } = data;
  const notes = { warnings: warningsOf(envelope), infos: texts(envelope['infos']) };
  switch (resultType) {
    case 'vector':
    case 'matrix': {
      const reader = new SeriesReader(maxSamples);
      return { kind: resultType, series: asList(result, 'data.result').map((one) => reader.read(one)), ...notes };
    }
    case 'scalar':
    case 'string': {
      const [time, text] = asList(result, 'data.result');
      return { kind: resultType, series: [], point: { timestamp: asTime(time), text: String(text) }, ...notes };
    }
    default:
      throw new MalformedAnswerError(`data.resultType is ${show(resultType)}`);
  }
}

/** What the server remarked; VictoriaMetrics says by a flag that a part of it did not answer. */
export function warningsOf(envelope: Readonly<Record<string, unknown>>): string[] {
  const partial = envelope['isPartial'] === true ? ['the answer is partial'] : [];
  return [...texts(envelope['warnings']), ...partial];
}

/** Reads series, and stops where an answer holds more than it may. */
class SeriesReader {
  #left: number;
  readonly #maxSamples: number;
  readonly #seen = new Set<string>();

  constructor(maxSamples: number) {
    this.#left = maxSamples;
    this.#maxSamples = maxSamples;
  }

  read(written: unknown): AnsweredSeries {
    const series = asRecord(written, 'an element of data.result');
    const points = listOf(series, 'value', 'values');
    const histograms = listOf(series, 'histogram', 'histograms');
    this.#left -= points.length + histograms.length;
    if (this.#left < 0) throw new AnswerTooLargeError(`it holds more than ${this.#maxSamples} samples`);
    const labels = asLabels(series['metric']);
    // Taken twice it would be added up twice.
    if (this.#seen.has(labels.key)) throw new MalformedAnswerError(`it holds ${String(labels).slice(0, 200)} twice`);
    this.#seen.add(labels.key);
    return {
      labels,
      timestamps: Float64Array.from(points, ([time]) => asTime(time)),
      values: Float64Array.from(points, ([, value]) => asFloat(value)),
      histograms: histograms.map(([time, value]) => ({ timestamp: asTime(time), histogram: asHistogram(value) })),
    };
  }
}

function listOf(series: Readonly<Record<string, unknown>>, one: string, many: string): unknown[][] {
  if (series[one] !== undefined) return [asList(series[one], one)];
  if (series[many] === undefined) return [];
  return asList(series[many], many).map((point) => asList(point, many));
}

function asLabels(written: unknown): Labels {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(asRecord(written, 'metric'))) {
    if (typeof value !== 'string')
      throw new MalformedAnswerError(`label ${show(name)} is ${show(value)}, not a string`);
    map.set(name, value);
  }
  return Labels.fromMap(map);
}

function asHistogram(written: unknown): AnsweredHistogram {
  const { count, sum, buckets } = asRecord(written, 'histogram');
  return {
    count: asFloat(count),
    sum: asFloat(sum),
    buckets: (buckets === undefined ? [] : asList(buckets, 'buckets')).map((bucket) => {
      const [rule, lower, upper, inside] = asList(bucket, 'a bucket');
      if (typeof rule !== 'number') throw new MalformedAnswerError(`a bucket's boundary rule is ${show(rule)}`);
      return [rule, asFloat(lower), asFloat(upper), asFloat(inside)];
    }),
  };
}

/** Seconds, as a number, to ms. */
function asTime(written: unknown): number {
  if (typeof written !== 'number' || !Number.isFinite(written)) {
    throw new MalformedAnswerError(`a timestamp is ${show(written)}, not a number of seconds`);
  }
  return Math.round(written * 1000);
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

function asFloat(written: unknown): number {
  if (typeof written === 'string') {
    const special = SPECIAL.get(written);
    if (special !== undefined) return special;
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written)) return Number(written);
  }
  throw new MalformedAnswerError(`a value is ${show(written)}, not a float in a string`);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new MalformedAnswerError(`it is no JSON: ${(error as Error).message.slice(0, 100)}`);
  }
}

function asRecord(written: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof written === 'object' && written !== null && !Array.isArray(written)) {
    return written as Readonly<Record<string, unknown>>;
  }
  throw new MalformedAnswerError(`${what} is ${show(written)}, not an object`);
}

function asList(written: unknown, what: string): unknown[] {
  if (Array.isArray(written)) return written as unknown[];
  throw new MalformedAnswerError(`${what} is ${show(written)}, not a list`);
}

function texts(written: unknown): string[] {
  return Array.isArray(written) ? written.map(String) : [];
}

function show(written: unknown): string {
  return String(JSON.stringify(written)).slice(0, 80);
}
