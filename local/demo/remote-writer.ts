import { setTimeout as sleep } from 'node:timers/promises';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { compress } from '../../lib/wire/snappy.ts';

export interface RemoteWriterOptions {
  /** Of the endpoint, `/api/v1/write` included. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly signal: AbortSignal;
  readonly fetch?: typeof fetch;
  /** Replaced in tests. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** A request was refused for good: its samples are lost, as in Prometheus. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** Prometheus's defaults. */
const MAX_SAMPLES_PER_SEND = 2000;
const MIN_BACKOFF_MS = 30;
const MAX_BACKOFF_MS = 5000;
const TIMEOUT_MS = 30_000;

/** Sends series with Remote-Write 2.0, and reacts to answers as Prometheus does. */
export class RemoteWriter {
  readonly #options: RemoteWriterOptions;

  constructor(options: RemoteWriterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when everything is accepted, however often that takes.
   *
   * @throws RefusedError with the receiver's reason; an AbortError when the signal fires
   */
  async write(series: readonly TimeSeries[]): Promise<void> {
    for (let start = 0; start < series.length; start += MAX_SAMPLES_PER_SEND) {
      await this.#send(series.slice(start, start + MAX_SAMPLES_PER_SEND));
    }
  }

  async #send(timeseries: readonly TimeSeries[]): Promise<void> {
    const body = compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request'));
    for (let attempt = 0; ; attempt++) {
      const response = await this.#post(body, attempt);
      if (response?.ok) return checkWritten(response, timeseries.length);
      if (response !== undefined && response.status < 500 && response.status !== 429) {
        throw new RefusedError(`cannot write ${timeseries.length} series: ${response.status} ${await response.text()}`);
      }
      await this.#pause(attempt, response?.headers.get('retry-after'));
    }
  }

  /** @returns undefined when there was no answer */
  async #post(body: Uint8Array, attempt: number): Promise<Response | undefined> {
    const { url, username, password, signal, fetch: send = fetch } = this.#options;
    signal.throwIfAborted();
    try {
      return await send(url, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
          'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
          'Content-Encoding': 'snappy',
          'User-Agent': 'tributary-demo',
          'X-Prometheus-Remote-Write-Version': '2.0.0',
          ...(attempt > 0 && { 'Retry-Attempt': String(attempt) }),
        },
        body: new Uint8Array(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async #pause(attempt: number, retryAfter: string | null | undefined): Promise<void> {
    const { signal, sleep: pause } = this.#options;
    const backoff = Math.min(MIN_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS);
    const ms = retryAfter ? Number(retryAfter) * 1000 : backoff;
    await (pause ?? ((time) => sleep(time, undefined, { signal })))(Number.isFinite(ms) ? ms : backoff);
  }
}

/** A receiver of 2.0 says how much it took; anything less is lost. */
function checkWritten(response: Response, sent: number): void {
  const written = response.headers.get('x-prometheus-remote-write-samples-written');
  if (written !== String(sent)) throw new RefusedError(`the receiver took ${written ?? 'no'} of ${sent} samples`);
}
