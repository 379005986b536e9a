import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuProfile, flameGraph, shareByRoom } from './flame-graph.ts';
import { cpuSeconds } from './intake-peers.ts';
import { bodiesOf, podSeries, SAMPLES_PER_BODY, type SeriesPairs } from './intake-traffic.ts';

const SERIES = 20_000;
const PROTOCOL = 'prometheus.WriteRequest';
const WARM_UP_SECONDS = 10;
const READING_MS = 5000;
/** As long as the queue hides a message whose worker failed. */
const DRAIN_MS = 90_000;
const MIB = 1024 * 1024;

interface Stack {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
}

/** What is seen every few seconds. */
interface Reading {
  readonly second: number;
  readonly requestsTaken: number;
  /** Requests that were taken and are not accounted for yet: in the queue, or in the worker's hands. */
  readonly queued: number;
  readonly rssMiB: number;
}

/**
 * `npm run bench -- sustained [SECONDS] [REQUESTS_PER_SECOND] [SVG]`: requests of 2,000 samples at a fixed rate to the whole
 * local stack, a process of its own: receiver, queue, worker, store, evaluator. Prints how much is queued and how much
 * memory is used over time, and CPU seconds for a million samples sent. Writes a flame graph to SVG where one is named.
 */
export async function run([seconds = '60', rate = '5', svg]: readonly string[]): Promise<Record<string, unknown>> {
  const stack = await startStack();
  try {
    const load = new Load(stack, Number(rate));
    await load.run(WARM_UP_SECONDS, []);
    await load.drain(DRAIN_MS);
    const readings: Reading[] = [];
    stack.child.send('start');
    const [stackBefore, loadBefore] = [cpuSeconds(stack.child.pid ?? 0), process.cpuUsage()];
    const before = load.taken;
    const began = Date.now();
    await load.run(Number(seconds), readings);
    const elapsed = (Date.now() - began) / 1000;
    const samples = (load.taken - before) * SAMPLES_PER_BODY;
    const stackCpu = cpuSeconds(stack.child.pid ?? 0) - stackBefore;
    const { user, system } = process.cpuUsage(loadBefore);
    const shares = await profileOf(stack, svg, `${samples} samples in ${Math.round(elapsed)} s`);
    const drainSeconds = await load.drain(DRAIN_MS);
    return {
      table: readings,
      samplesPerSecond: Math.round(samples / elapsed),
      offeredPerSecond: Number(rate) * SAMPLES_PER_BODY,
      refused: load.refused,
      maxQueued: Math.max(...readings.map(({ queued }) => queued)),
      rssMiB: readings.at(-1)?.rssMiB,
      maxRssMiB: Math.max(...readings.map(({ rssMiB }) => rssMiB)),
      stackCpuSeconds: round(stackCpu),
      loadCpuSeconds: round((user + system) / 1e6),
      stackCpuSecondsPerMillion: round((stackCpu / samples) * 1e6),
      drainSeconds,
      shares: Object.fromEntries(shares.slice(0, 12)),
    };
  } finally {
    stack.child.disconnect();
  }
}

async function startStack(): Promise<Stack> {
  const child = fork(join(import.meta.dirname, 'sustained-stack.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
  return { child, url, token };
}

/** Sends scrapes of the same series, body by body, at a fixed rate; a request that is late does not hold up the others. */
class Load {
  taken = 0;
  refused = 0;
  readonly #stack: Stack;
  readonly #rate: number;
  readonly #series: readonly SeriesPairs[] = podSeries(SERIES, 'lean');
  #bodies: Buffer[] = [];
  /** Requests whose outcome was known at the last reading. */
  #accounted = 0;

  constructor(stack: Stack, rate: number) {
    this.#stack = stack;
    this.#rate = rate;
  }

  async run(seconds: number, readings: Reading[]): Promise<void> {
    const began = Date.now();
    const under: Promise<void>[] = [];
    let nextReading = READING_MS;
    for (let sent = 0; sent < seconds * this.#rate; sent++) {
      await sleep(began + (sent * 1000) / this.#rate - Date.now());
      under.push(this.#send(this.#nextBody()));
      if (Date.now() - began < nextReading) continue;
      nextReading += READING_MS;
      readings.push(await this.#read(Math.round((Date.now() - began) / 1000)));
    }
    await Promise.all(under);
  }

  /** Seconds until everything that was taken is accounted for; null when it takes longer than allowed. */
  async drain(maxMs: number): Promise<number | null> {
    const began = Date.now();
    while (Date.now() - began < maxMs) {
      if ((await this.#read(0)).queued === 0) return Math.round((Date.now() - began) / 1000);
      await sleep(500);
    }
    return null;
  }

  #nextBody(): Buffer {
    if (this.#bodies.length === 0) this.#bodies = bodiesOf(this.#series, PROTOCOL, Date.now());
    return this.#bodies.shift() as Buffer;
  }

  async #send(body: Buffer): Promise<void> {
    const response = await fetch(`${this.#stack.url}/api/v1/write`, {
      method: 'POST',
      headers: {
        ...this.#authorization(),
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: new Uint8Array(body),
    });
    await response.arrayBuffer();
    if (response.ok) this.taken++;
    else this.refused++;
  }

  async #read(second: number): Promise<Reading> {
    const { taken } = this;
    const response = await fetch(`${this.#stack.url}/api/v1/status/intake`, { headers: this.#authorization() });
    const { data } = (await response.json()) as { data?: { sources: readonly { messages: number }[] } };
    // A stack that is too busy to say counts as one that has done nothing since.
    if (data !== undefined) this.#accounted = data.sources.reduce((sum, { messages }) => sum + messages, 0);
    const rssMiB = Math.round(rssOf(this.#stack.child.pid ?? 0) / MIB);
    return { second, requestsTaken: taken, queued: Math.max(0, taken - this.#accounted), rssMiB };
  }

  #authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.#stack.token}` };
  }
}

/** Shares of the stack's CPU time by room. */
async function profileOf(
  { child }: Stack,
  svg: string | undefined,
  title: string,
): Promise<ReturnType<typeof shareByRoom>> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-profile-'));
  try {
    const file = join(folder, 'stack.cpuprofile');
    child.send(file);
    await once(child, 'message');
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    if (svg !== undefined) writeFileSync(svg, flameGraph(profile, `CPU time of the local stack: ${title}`));
    return shareByRoom(profile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resident memory of a process, bytes: pages of 4 KiB. */
function rssOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
