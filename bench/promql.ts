import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { findPrometheus, PrometheusServer } from '../test/promql/differential/prometheus-server.ts';
import { benchSeries } from './promql-data.ts';
import { BENCH_QUERIES, type BenchQuery, requestOf } from './promql-queries.ts';
import type { ServerUsage } from './promql-server.ts';

/** `/proc/PID/stat` counts in these on every Linux that matters. */
const TICKS_PER_SECOND = 100;
const SLOW_MS = 3000;
const WARM_UP_MS = 1000;

interface Measured {
  readonly query: BenchQuery;
  readonly ours: Cost;
  readonly theirs: Cost;
  readonly storeMs: number;
  readonly evalMs: number;
  readonly bytes: number;
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * `npm run bench -- promql [ROUNDS] [WORD]`: twelve queries put to us and to a real Prometheus (`PROMETHEUS_BIN`), both over
 * HTTP on the loopback, both holding the same data, warm, in turns. Prints medians and returns the figures.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const [rounds = '7', word = ''] = args;
  const found = findPrometheus(process.env.PROMETHEUS_BIN ?? 'prometheus');
  if (found === undefined) throw new Error('cannot run the PromQL bench: it needs a Prometheus (set PROMETHEUS_BIN)');
  const theirs = await PrometheusServer.start(found.binary);
  let ours: OurServer | undefined;
  try {
    const began = performance.now();
    const [started] = await Promise.all([OurServer.start(), theirs.write(benchSeries())]);
    ours = started;
    console.log(
      `loaded both in ${((performance.now() - began) / 1000).toFixed(1)} s; Prometheus ${found.version}, Node ${process.version}`,
    );
    console.log('medians of wall and CPU ms, both over HTTP; ratio: ours to theirs');
    const results: Measured[] = [];
    for (const query of BENCH_QUERIES.filter(({ name }) => name.includes(word))) {
      results.push(await measure(query, ours, theirs, Number(rounds)));
      print(results.at(-1) as Measured);
    }
    return summary(results, found.version);
  } finally {
    await ours?.stop();
    await theirs.stop();
  }
}

async function measure(
  query: BenchQuery,
  ours: OurServer,
  theirs: PrometheusServer,
  rounds: number,
): Promise<Measured> {
  const samples: { ours: Cost; theirs: Cost; usage: ServerUsage }[] = [];
  let bytes = 0;
  await warmUp(query, ours, theirs);
  for (let round = 0; round < rounds; round++) {
    const before = await ours.usage();
    const [ourWall, size] = await timed(ours.url, query);
    const usage = await ours.usage();
    const ticks = cpuOf(theirs.pid);
    const [theirWall] = await timed(theirs.url, query);
    const sample = {
      ours: { wallMs: ourWall, cpuMs: (usage.cpuMicros - before.cpuMicros) / 1000 },
      theirs: { wallMs: theirWall, cpuMs: cpuOf(theirs.pid) - ticks },
      usage,
    };
    bytes = size;
    samples.push(sample);
    // Two slow rounds say as much as seven.
    if (samples.length >= 2 && Math.max(ourWall, theirWall) > SLOW_MS) break;
  }
  const middle = (of: (sample: (typeof samples)[number]) => number) => median(samples.map(of));
  return {
    query,
    ours: { wallMs: middle((one) => one.ours.wallMs), cpuMs: middle((one) => one.ours.cpuMs) },
    // The kernel counts CPU in steps of 10 ms: only the mean over the rounds means anything.
    theirs: { wallMs: middle((one) => one.theirs.wallMs), cpuMs: mean(samples.map((one) => one.theirs.cpuMs)) },
    storeMs: middle((one) => one.usage.storeMs),
    evalMs: middle((one) => one.usage.evalMs),
    bytes,
  };
}

/** Quick queries take a dozen turns until both sides have compiled and cached what they need. */
async function warmUp(query: BenchQuery, ours: OurServer, theirs: PrometheusServer): Promise<void> {
  const began = performance.now();
  for (let turn = 0; turn < 2 || (turn < 15 && performance.now() - began < WARM_UP_MS); turn++) {
    await timed(ours.url, query);
    await timed(theirs.url, query);
  }
}

async function timed(url: string, query: BenchQuery): Promise<[wallMs: number, bytes: number]> {
  const { path, body } = requestOf(query);
  const began = performance.now();
  // Both compress if they are let; that would measure zlib.
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body,
    headers: { 'accept-encoding': 'identity' },
  });
  const content = await response.arrayBuffer();
  const wallMs = performance.now() - began;
  if (!response.ok)
    throw new Error(`cannot run ${query.expression}: ${new TextDecoder().decode(content.slice(0, 500))}`);
  return [wallMs, content.byteLength];
}

function print({ query, ours, theirs, storeMs, evalMs, bytes }: Measured): void {
  const ms = (value: number) => value.toFixed(1).padStart(8);
  const name = query.name.padEnd(36);
  console.log(
    `${name} wall ${ms(ours.wallMs)} : ${ms(theirs.wallMs)} = ${ratio(ours.wallMs, theirs.wallMs).toFixed(2)}   ` +
      `cpu ${ms(ours.cpuMs)} : ${ms(theirs.cpuMs)} = ${theirs.cpuMs < 1 ? '   ?' : ratio(ours.cpuMs, theirs.cpuMs).toFixed(2)}   ` +
      `(store ${storeMs.toFixed(1)}, engine ${evalMs.toFixed(1)}, ${(bytes / 1024).toFixed(0)} KiB)`,
  );
}

function summary(results: readonly Measured[], version: string): Record<string, unknown> {
  const walls = results.map(({ ours, theirs }) => ratio(ours.wallMs, theirs.wallMs));
  const total = (side: 'ours' | 'theirs') => results.reduce((sum, result) => sum + result[side].cpuMs, 0);
  const worst = results[walls.indexOf(Math.max(...walls))]?.query.name;
  return {
    geomeanWallRatio: round(Math.exp(mean(walls.map(Math.log)))),
    worstWallRatio: round(Math.max(...walls)),
    worstQuery: worst,
    cpuRatio: round(total('ours') / total('theirs')),
    queries: results.length,
    prometheus: version,
    node: process.version,
  };
}

/** Our API in a process of its own. */
class OurServer {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#process = child;
  }

  static async start(): Promise<OurServer> {
    const script = fileURLToPath(new URL('./promql-server.ts', import.meta.url));
    const execArgv = process.execArgv.some((flag) => flag.includes('tsx')) ? process.execArgv : ['--import', 'tsx'];
    const child = fork(script, [], { execArgv });
    const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`our server ends with ${code}`)));
    const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }];
    failed.catch(() => undefined);
    return new OurServer(`http://127.0.0.1:${port}`, child);
  }

  async usage(): Promise<ServerUsage> {
    const answer = once(this.#process, 'message');
    this.#process.send('usage');
    return (await answer)[0] as ServerUsage;
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill();
    await gone;
  }
}

/** CPU time of a process so far, ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}

function ratio(a: number, b: number): number {
  return a / Math.max(b, 0.01);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
