import { setTimeout as sleep } from 'node:timers/promises';
import { bodiesOf, podSeries, SAMPLES_PER_BODY, type SeriesPairs } from './intake-traffic.ts';
import type { StackProcess } from './sustained-process.ts';

/** As many as send 10,000 samples a second when they are scraped every 15 s. */
export const SERIES = 150_000;

/** Pods among which one has metrics of requests, which the rules of tributary.yml use: a sixth of all series is selected. */
const PODS_PER_APPLICATION = 14;
const SERIES_PER_POD = 62;

const PROTOCOL = 'prometheus.WriteRequest';
const READING_MS = 5000;
const MIB = 1024 * 1024;

/** What is seen every few seconds. */
export interface Reading {
  readonly second: number;
  readonly requestsTaken: number;
  /** Requests that were taken and are not accounted for yet: in the queue, or in the worker's hands. */
  readonly queued: number;
  readonly rssMiB: number;
}

/** One stretch of load. */
export interface Stretch {
  readonly seconds: number;
  readonly taken: number;
  readonly refused: number;
  /** Until 99 of 100 requests were answered, ms. */
  readonly answerMs99: number;
  readonly readings: readonly Reading[];
}

/** Sends scrapes of the same series, body by body, at a fixed rate; a request that is late does not hold up the others. */
export class Load {
  readonly #stack: StackProcess;
  readonly #parts: readonly (readonly SeriesPairs[])[];
  #next = 0;
  #taken = 0;
  /** Requests whose outcome was known at the last reading. */
  #accounted = 0;

  constructor(stack: StackProcess) {
    this.#stack = stack;
    const series = clusterSeries();
    this.#parts = Array.from({ length: SERIES / SAMPLES_PER_BODY }, (_, i) =>
      series.slice(i * SAMPLES_PER_BODY, (i + 1) * SAMPLES_PER_BODY),
    );
  }

  /** Sends every series once, one request after the other. */
  async introduce(): Promise<void> {
    for (const _ of this.#parts) if (!(await this.#send())) throw new Error('cannot warm up: a request was refused');
  }

  /** So many requests a second, for so many seconds. */
  async run(seconds: number, rate: number): Promise<Stretch> {
    const began = Date.now();
    const before = this.#taken;
    const answers: Promise<number | undefined>[] = [];
    const readings: Reading[] = [];
    for (let sent = 0; sent < seconds * rate; sent++) {
      await sleep(began + (sent * 1000) / rate - Date.now());
      answers.push(this.#timed());
      if (Date.now() - began < (readings.length + 1) * READING_MS) continue;
      readings.push(await this.#read(Math.round((Date.now() - began) / 1000)));
    }
    const times = (await Promise.all(answers)).filter((ms) => ms !== undefined).sort((a, b) => a - b);
    return {
      seconds: Math.max(seconds, (Date.now() - began) / 1000),
      taken: this.#taken - before,
      refused: answers.length - times.length,
      answerMs99: Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
      readings,
    };
  }

  /** Seconds until everything that was taken is accounted for; undefined when it takes longer than allowed. */
  async drain(maxMs: number): Promise<number | undefined> {
    const began = Date.now();
    while (Date.now() - began < maxMs) {
      if ((await this.#read(0)).queued === 0) return Math.round((Date.now() - began) / 1000);
      await sleep(500);
    }
    return undefined;
  }

  /** Milliseconds until a request was answered; undefined when it was refused. */
  async #timed(): Promise<number | undefined> {
    const began = performance.now();
    return (await this.#send()) ? performance.now() - began : undefined;
  }

  async #send(): Promise<boolean> {
    const part = this.#parts[this.#next++ % this.#parts.length] as readonly SeriesPairs[];
    const [body] = bodiesOf(part, PROTOCOL, Date.now());
    const response = await fetch(`${this.#stack.url}/api/v1/write`, {
      method: 'POST',
      headers: {
        ...this.#authorization(),
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: new Uint8Array(body as Buffer),
    });
    await response.arrayBuffer();
    if (response.ok) this.#taken++;
    return response.ok;
  }

  async #read(second: number): Promise<Reading> {
    const taken = this.#taken;
    const response = await fetch(`${this.#stack.url}/api/v1/status/intake`, { headers: this.#authorization() });
    const { data } = (await response.json()) as { data?: { sources: readonly { messages: number }[] } };
    // A stack that is too busy to say counts as one that has done nothing since.
    if (data !== undefined) this.#accounted = data.sources.reduce((sum, { messages }) => sum + messages, 0);
    const rssMiB = Math.round(this.#stack.rss / MIB);
    return { second, requestsTaken: taken, queued: Math.max(0, taken - this.#accounted), rssMiB };
  }

  #authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.#stack.token}` };
  }
}

function clusterSeries(): readonly SeriesPairs[] {
  const series: SeriesPairs[] = [];
  for (let pod = 0; series.length < SERIES; pod++) {
    const all = podSeries(SERIES_PER_POD, 'lean', pod);
    const isApplication = pod % PODS_PER_APPLICATION === 0;
    series.push(...(isApplication ? all : all.filter((pairs) => !nameOf(pairs).startsWith('http_'))));
  }
  return series.slice(0, SERIES);
}

function nameOf(pairs: SeriesPairs): string {
  return pairs[pairs.indexOf('__name__') + 1] ?? '';
}
