import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../../../lib/model/sample.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../../lib/prompb/write-request.ts';
import type { Series } from '../../../lib/storage/interface.ts';
import { compress } from '../../../lib/wire/snappy.ts';

const START_TIMEOUT_MS = 30_000;
/** Prometheus refuses what is older than its head by more than half a block, so data is written slice by slice. */
const SLICE_MS = 10 * 60_000;
const SERIES_PER_REQUEST = 2000;

/** The program and its version, or undefined where it cannot be run. */
export function findPrometheus(binary: string): { readonly binary: string; readonly version: string } | undefined {
  const { status, stdout, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  const version = /version (\d+\.\d+\.\d+)/.exec(`${stdout}${stderr}`)?.[1];
  return status === 0 && version !== undefined ? { binary, version } : undefined;
}

/** A Prometheus of its own on the loopback with an empty store in a temporary folder; it scrapes what its files say. */
export class PrometheusServer {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  #log = '';

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
    process.stderr?.on('data', (chunk: Buffer) => {
      this.#log = `${this.#log}${chunk}`.slice(-4000);
    });
  }

  /** `files` lie beside `prometheus.yml`, which is one of them or empty. */
  static async start(
    binary: string,
    flags: readonly string[] = [],
    files: readonly { readonly name: string; readonly text: string }[] = [],
  ): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    for (const { name, text } of [{ name: 'prometheus.yml', text: 'global: {}\n' }, ...files]) {
      writeFileSync(join(folder, name), text);
    }
    const port = await freePort();
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
      ...flags,
    ];
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const server = new PrometheusServer(`http://127.0.0.1:${port}`, child, folder);
    await server.#ready();
    return server;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('BUG: a running process has a pid');
    return this.#process.pid;
  }

  /** Sends all floats by remote-write 1.0, in the order of time. */
  async write(series: readonly Series[]): Promise<void> {
    const filled = series.filter(({ floats }) => floats.timestamps.length > 0);
    const first = filled.reduce((time, { floats }) => Math.min(time, floats.timestamps[0] as number), Infinity);
    const last = filled.reduce((time, { floats }) => Math.max(time, floats.timestamps.at(-1) as number), -Infinity);
    const next = new Uint32Array(filled.length);
    for (let end = first + SLICE_MS; end - SLICE_MS <= last; end += SLICE_MS) {
      for (let from = 0; from < filled.length; from += SERIES_PER_REQUEST) {
        const timeseries: TimeSeries[] = [];
        for (let i = from; i < Math.min(from + SERIES_PER_REQUEST, filled.length); i++) {
          const one = filled[i] as Series;
          const samples = samplesBefore(one, next[i] as number, end);
          next[i] = (next[i] as number) + samples.length;
          if (samples.length > 0) timeseries.push({ labels: [...one.labels], samples, histograms: [], exemplars: [] });
        }
        if (timeseries.length > 0) await this.send(timeseries);
      }
    }
  }

  /** One GET or POST of the HTTP API; the parsed envelope, whatever its status. */
  async api(path: string, parameters: Record<string, string>): Promise<ApiResponse> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    return (await response.json()) as ApiResponse;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await Promise.race([gone, sleep(10_000).then(() => this.#process.kill('SIGKILL'))]);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
      if (this.#process.exitCode !== null) break;
      const response = await fetch(`${this.url}/-/ready`).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.ok === true) return;
    }
    await this.stop();
    throw new Error(`cannot start Prometheus: ${this.#log.trim() || 'it does not become ready'}`);
  }

  /** Writes what one request of remote-write 1.0 holds. */
  async send(timeseries: readonly TimeSeries[]): Promise<void> {
    const body = compress(encodeWriteRequest({ timeseries, metadata: [] }, 'prometheus.WriteRequest'));
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    };
    const response = await fetch(`${this.url}/api/v1/write`, { method: 'POST', body: Buffer.from(body), headers });
    if (!response.ok) throw new Error(`Prometheus refuses the data: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
}

/** A histogram as the API writes it: count, sum, and buckets as `[rule, lower, upper, count]`. */
export interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

export interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
  readonly histogram?: readonly [number, ApiHistogram];
  readonly histograms?: readonly (readonly [number, ApiHistogram])[];
}

export interface ApiResponse {
  readonly status: 'success' | 'error';
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly data?:
    | { readonly resultType: 'vector' | 'matrix'; readonly result: readonly ApiSeries[] }
    | { readonly resultType: 'scalar' | 'string'; readonly result: readonly [number, string] };
}

function samplesBefore({ floats }: Series, from: number, end: number): Sample[] {
  const samples: Sample[] = [];
  for (let i = from; i < floats.timestamps.length && (floats.timestamps[i] as number) < end; i++) {
    samples.push({ timestamp: floats.timestamps[i] as number, value: floats.values[i] as number });
  }
  return samples;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
