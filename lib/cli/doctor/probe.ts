import { METRIC_NAME } from '../../model/labels.ts';
import { quoteRegexp } from '../../model/quote-regexp.ts';
import { expectSuccess } from '../../remote/expect-success.ts';
import { queryInstant } from '../../remote/query.ts';
import type { AnsweredSeries } from '../../remote/query-answer.ts';
import type { RemoteClient } from '../../remote/remote-client.ts';
import { RemoteError } from '../../remote/remote-error.ts';
import type { RemoteResponse } from '../../remote/transport.ts';

/** Of one answer: a list of all names of a large server is some megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_SAMPLES = 200_000;

export interface ProbeOptions {
  /** ms for one request. */
  readonly timeout: number;
  /** ms for all requests. */
  readonly total: number;
}

export interface Probed extends RemoteResponse {
  /** Clock of this machine when the request went out and when the answer was there, ms. */
  readonly sent: number;
  readonly received: number;
}

/** Asks one server questions, each and all of them for a bounded time. Everything throws RemoteError. */
export class Probe {
  readonly client: RemoteClient;
  readonly #timeout: number;
  readonly #end: number;

  constructor(client: RemoteClient, { timeout, total }: ProbeOptions) {
    this.client = client;
    this.#timeout = timeout;
    this.#end = performance.now() + total;
  }

  async get(path: string, params: readonly (readonly [string, string])[] = []): Promise<Probed> {
    const sent = Date.now();
    const request = { method: 'GET', path, params, headers: { accept: 'application/json' }, ...this.limits } as const;
    const response = expectSuccess(await this.client.send(request), `${this.client.url}${path}`);
    return { ...response, sent, received: Date.now() };
  }

  /** `data` of an answer of the Prometheus API. */
  async data(path: string, params: readonly (readonly [string, string])[] = []): Promise<unknown> {
    return dataOf(await this.get(path, params), this.client.url + path);
  }

  async vector(expr: string): Promise<readonly AnsweredSeries[]> {
    return (await queryInstant(this.client, expr, Date.now(), this.limits)).series;
  }

  /** The value of an expression that gives one; undefined where it gives none. */
  async number(expr: string): Promise<number | undefined> {
    const [first] = await this.vector(expr);
    return first?.values[0];
  }

  /** The newest samples of some metrics. */
  series(names: readonly string[]): Promise<readonly AnsweredSeries[]> {
    return this.vector(selectorOf(names));
  }

  /** The newest samples of at most `limit` series of some metrics. */
  someSeries(names: readonly string[], limit: number): Promise<readonly AnsweredSeries[]> {
    return this.vector(`topk(${limit}, ${selectorOf(names)})`);
  }

  /** How many series some metrics have. */
  async count(names: readonly string[]): Promise<number> {
    return (await this.number(`count(${selectorOf(names)})`)) ?? 0;
  }

  get limits() {
    const left = Math.ceil(this.#end - performance.now());
    if (left <= 0) throw new RemoteError('timeout', `cannot ask ${this.client.url} more: its time is over`);
    return { timeout: Math.min(this.#timeout, left), maxBytes: MAX_BYTES, maxSamples: MAX_SAMPLES };
  }
}

function selectorOf(names: readonly string[]): string {
  return `{${METRIC_NAME}=~${JSON.stringify(names.map(quoteRegexp).join('|'))}}`;
}

/** @throws RemoteError `bad_response` */
export function dataOf({ body }: Pick<RemoteResponse, 'body'>, url: string): unknown {
  try {
    const { status, data } = JSON.parse(body.toString('utf8')) as { status?: unknown; data?: unknown };
    if (status === 'success') return data;
  } catch {
    // Said below.
  }
  throw new RemoteError('bad_response', `cannot read ${url}: it is no answer of the Prometheus API`);
}
