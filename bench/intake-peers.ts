import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { SELECTED_NAMES } from './intake-traffic.ts';

/** A process that takes remote-write requests. */
export interface Receiver {
  readonly url: string;
  readonly pid: number;
  readonly authorization?: string;
  /** Waits until nothing is under way; answers what it counted since its start, where it can tell. */
  readonly settle: () => Promise<Counts | undefined>;
  readonly stop: () => void;
}

/** What our receiver counts. */
export interface Counts {
  /** Samples that went into messages. */
  readonly selected: number;
  readonly messages: number;
  /** Of message bodies as SQS takes them. */
  readonly bytes: number;
  readonly rss: number;
}

const TOKEN = 'a-token-of-the-bench';
/** CPU time in /proc is counted in these. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used, in user and system mode. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Ours, over plain HTTP. `memoryBytes` is what it may remember of series. */
export async function startTributary(memoryBytes?: number): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-receiver-'));
  const program = join(folder, 'receiver.mjs');
  await bundle(join(import.meta.dirname, 'intake-receiver.ts'), program);
  const args = [program, TOKEN, ...(memoryBytes === undefined ? [] : [String(memoryBytes)])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port } = await answerOf<{ port: number }>(child);
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    pid: child.pid ?? 0,
    authorization: `Bearer ${TOKEN}`,
    settle: async () => {
      child.send('counts');
      return answerOf<Counts>(child);
    },
    stop: () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As build.mjs bundles functions. */
async function bundle(entryPoint: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}

/** Where programs of Debian's newer suites may have been unpacked; the system's own come last. */
const PREFIXES = [process.env['BENCH_PEERS'] ?? '/tmp/intake-peers', '/'];

/** The path of a program of a Debian package; undefined where it is not on this machine. */
export function findPeer(debianPackage: string, program: string): string | undefined {
  return PREFIXES.flatMap((prefix) => [
    join(prefix, debianPackage, 'usr/bin', program),
    join(prefix, 'usr/bin', program),
  ]).find(existsSync);
}

/** vmagent that keeps the metrics which our rules use, and forwards them to a sink, whose own CPU does not count. */
export async function startVmagent(program: string): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-vmagent-'));
  const sink = spawn(process.execPath, [join(import.meta.dirname, 'intake-sink.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { port: sinkPort } = await answerOf<{ port: number }>(sink);
  const relabel = join(folder, 'relabel.yml');
  writeFileSync(relabel, `- action: keep\n  source_labels: [__name__]\n  regex: '${SELECTED_NAMES.join('|')}'\n`);
  const port = await freePort();
  const child = spawn(
    program,
    [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-remoteWrite.url=http://127.0.0.1:${sinkPort}/write`,
      `-remoteWrite.relabelConfig=${relabel}`,
      `-remoteWrite.tmpDataPath=${folder}`,
      '-loggerLevel=ERROR',
    ],
    { stdio: 'ignore' },
  );
  await answering(`http://127.0.0.1:${port}/health`);
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    pid: child.pid ?? 0,
    settle: async () => {
      // Its senders flush once a second.
      await sleep(2500);
      return undefined;
    },
    stop: () => {
      child.kill('SIGKILL');
      sink.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Prometheus's own receiver: the whole way into its database. */
export async function startPrometheus(program: string): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  await answering(`http://127.0.0.1:${port}/-/ready`);
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    pid: child.pid ?? 0,
    settle: async () => undefined,
    stop: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function answering(url: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await sleep(50);
  }
  throw new Error(`cannot start a peer: ${url} does not answer`);
}
