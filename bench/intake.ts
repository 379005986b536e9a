import { cpus, loadavg } from 'node:os';
import type { RemoteWriteProtocol } from '../lib/prompb/write-request.ts';
import { push } from './intake-load.ts';
import { cpuSeconds, findPeer, type Receiver, startPrometheus, startTributary, startVmagent } from './intake-peers.ts';
import { bodiesOf, type LabelStyle, podSeries, SAMPLES_PER_BODY, type SeriesPairs } from './intake-traffic.ts';

/** One kind of traffic: bodies that warm a receiver up, and bodies that are measured. */
interface Traffic {
  readonly name: string;
  readonly protocol: RemoteWriteProtocol;
  readonly warmUp: readonly Buffer[];
  readonly rounds: readonly (readonly Buffer[])[];
  /** At least so many requests come before the measurement. */
  readonly warmUpRequests: number;
  /** How often the rounds are pushed where repeating does no harm. */
  readonly repeat: number;
  readonly peers: readonly Peer['name'][];
  /** What ours may remember; its default where absent. */
  readonly memoryBytes?: number;
}

interface Peer {
  readonly name: 'tributary' | 'vmagent' | 'prometheus';
  readonly start: (traffic: Traffic) => Promise<Receiver>;
  /** Refuses samples it has, so bodies are pushed once. */
  readonly isOnce: boolean;
}

const V1: RemoteWriteProtocol = 'prometheus.WriteRequest';
const V2: RemoteWriteProtocol = 'io.prometheus.write.v2.Request';
const REPETITIONS = 5;
const ROUNDS = 4;
/** Until here V8 compiles what it sees used often; a server that runs for more than minutes has it behind it. */
const WARM_UP_REQUESTS = 5000;
/** The series are met once, and nothing is compiled yet. */
const JUST_STARTED = 10;
const STEP_MS = 15_000;
const MIB = 1024 * 1024;

/**
 * CPU seconds that receivers use for a million samples: HTTP in, decoded, about a sixth of the samples selected and
 * ready to be sent on. vmagent relabels and forwards the same selection, Prometheus stores everything. Each is a
 * process of its own, warm, and measured by the kernel; contenders take turns, and medians are given.
 *
 * `npm run bench -- intake [NAME…]` runs only traffic whose name contains one of the words.
 */
export async function run(words: readonly string[]): Promise<Record<string, unknown>> {
  const peers = findPeers();
  const makers = TRAFFIC.filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));
  const rows: Record<string, unknown>[] = [];
  const medians: Record<string, Record<string, number>> = {};
  for (const [name, make] of makers) {
    const figures = await measure(make(name), peers);
    medians[name] = Object.fromEntries(Object.entries(figures).map(([peer, all]) => [peer, round(median(all))]));
    rows.push(toRow(name, medians[name], figures));
  }
  const lean = medians['lean 1.0'] ?? {};
  return {
    table: rows,
    cores: cpus().length,
    loadAverage: round(loadavg()[0] ?? 0),
    cpuSecondsPerMillion: round(lean['tributary'] ?? Number.NaN),
    ratioToVmagent: round((lean['tributary'] ?? Number.NaN) / (lean['vmagent'] ?? Number.NaN)),
    medians,
  };
}

const ALL: readonly Peer['name'][] = ['tributary', 'vmagent', 'prometheus'];
const TWO: readonly Peer['name'][] = ['tributary', 'vmagent'];
const ONE: readonly Peer['name'][] = ['tributary'];

/** By name, each made when it is its turn. */
const TRAFFIC: readonly (readonly [string, (name: string) => Traffic])[] = [
  ['lean 1.0', (name) => steady(name, 'lean', V1, 20_000, ALL)],
  ['heavy 1.0', (name) => steady(name, 'heavy', V1, 20_000, ALL)],
  ['lean 1.0, just started', (name) => ({ ...steady(name, 'lean', V1, 20_000, TWO), warmUpRequests: JUST_STARTED })],
  ['lean 2.0', (name) => steady(name, 'lean', V2, 20_000, ONE)],
  ['heavy 2.0', (name) => steady(name, 'heavy', V2, 20_000, ONE)],
  ['1 % churn at 10k series', (name) => churning(name, 10_000)],
  ['only new series', (name) => newSeries(name)],
  ['1M series, memory for a part', (name) => million(name)],
  ['1M series, memory for all', (name) => ({ ...million(name), memoryBytes: 1536 * MIB })],
];

function steady(
  name: string,
  style: LabelStyle,
  protocol: RemoteWriteProtocol,
  count: number,
  peers: Traffic['peers'],
): Traffic {
  const series = podSeries(count, style);
  const rounds = Array.from({ length: ROUNDS + 1 }, (_, i) => bodiesOf(series, protocol, startOf(ROUNDS + 1, i)));
  const [first = [], ...rest] = rounds;
  return { name, protocol, warmUp: first, warmUpRequests: WARM_UP_REQUESTS, rounds: rest, repeat: 24, peers };
}

/** A million series, twice. */
function million(name: string): Traffic {
  millionBodies ??= bodiesOfMany(1_000_000, 0);
  return {
    name,
    protocol: V1,
    warmUp: millionBodies,
    warmUpRequests: 1,
    rounds: [millionBodies],
    repeat: 1,
    peers: ONE,
  };
}

let millionBodies: readonly Buffer[] | undefined;

/** Made in parts, for as objects a million series would take more than a gigabyte. */
function bodiesOfMany(count: number, firstPod: number): Buffer[] {
  const part = 40_000;
  return Array.from({ length: count / part }, (_, i) =>
    bodiesOf(podSeries(part, 'lean', firstPod + i * 1000), V1, Date.now() - STEP_MS),
  ).flat();
}

/** In every round a hundredth of the series is replaced by others. */
function churning(name: string, count: number): Traffic {
  const rounds = 40;
  const step = count / 100;
  const pool = podSeries(count + rounds * step, 'lean');
  const all = Array.from({ length: rounds }, (_, i) => {
    const window: readonly SeriesPairs[] = pool.slice(i * step, i * step + count);
    return bodiesOf(window, V1, startOf(rounds, i));
  });
  return {
    name,
    protocol: V1,
    warmUp: all[0] ?? [],
    warmUpRequests: WARM_UP_REQUESTS,
    rounds: all.slice(1),
    repeat: 1,
    peers: TWO,
  };
}

/** Every sample is of a series that was never seen. */
function newSeries(name: string): Traffic {
  const bodies = bodiesOfMany(600_000, 1_000_000);
  const others = bodiesOf(podSeries(40_000, 'lean'), V1, startOf(1, 0));
  return {
    name,
    protocol: V1,
    warmUp: others,
    warmUpRequests: WARM_UP_REQUESTS,
    rounds: [bodies],
    repeat: 1,
    peers: TWO,
  };
}

function startOf(rounds: number, round: number): number {
  return Date.now() - (rounds - round) * STEP_MS;
}

type Figures = Readonly<Record<string, readonly number[]>>;

/** By contender, CPU seconds per million samples of each turn. */
async function measure(traffic: Traffic, peers: readonly Peer[]): Promise<Figures> {
  const contenders = peers.filter(({ name }) => traffic.peers.includes(name));
  const figures: Record<string, number[]> = {};
  const repetitions = isLarge(traffic) ? 1 : REPETITIONS;
  for (let i = 0; i < repetitions; i++) {
    for (const peer of contenders) {
      const figure = await measureOnce(traffic, peer);
      figures[peer.name] = [...(figures[peer.name] ?? []), figure];
    }
  }
  return figures;
}

async function measureOnce(traffic: Traffic, { start, isOnce }: Peer): Promise<number> {
  const receiver = await start(traffic);
  try {
    const warmUps = isOnce ? 1 : Math.ceil(traffic.warmUpRequests / traffic.warmUp.length);
    await push(receiver, Array(warmUps).fill(traffic.warmUp), traffic.protocol);
    const already = await receiver.settle();
    const before = cpuSeconds(receiver.pid);
    const repeat = isOnce ? 1 : traffic.repeat;
    for (let i = 0; i < repeat; i++) await push(receiver, traffic.rounds, traffic.protocol);
    const counts = await receiver.settle();
    const samples = repeat * traffic.rounds.flat().length * SAMPLES_PER_BODY;
    if (counts !== undefined && already !== undefined) checkShare((counts.selected - already.selected) / samples);
    return ((cpuSeconds(receiver.pid) - before) / samples) * 1e6;
  } finally {
    receiver.stop();
  }
}

/** A receiver that selects nothing, or everything, is no contender. */
function checkShare(share: number): void {
  if (share < 0.1 || share > 0.2) throw new Error(`cannot measure: ${share} of the samples were selected`);
}

function isLarge({ rounds }: Traffic): boolean {
  return rounds.flat().length > 400;
}

/** Contenders on this machine; says loudly which are missing. */
function findPeers(): readonly Peer[] {
  const vmagent = findPeer('victoria-metrics', 'vmagent');
  const prometheus = findPeer('prometheus', 'prometheus');
  for (const [name, program] of Object.entries({ vmagent, prometheus })) {
    if (program === undefined) console.warn(`SKIPPED: ${name} is not on this machine; BENCH_PEERS names where to look`);
    else console.log(`${name}: ${program}`);
  }
  return [
    { name: 'tributary', isOnce: false, start: ({ memoryBytes }) => startTributary(memoryBytes) },
    ...(vmagent === undefined ? [] : [{ name: 'vmagent', isOnce: false, start: () => startVmagent(vmagent) } as const]),
    ...(prometheus === undefined
      ? []
      : [{ name: 'prometheus', isOnce: true, start: () => startPrometheus(prometheus) } as const]),
  ];
}

function toRow(traffic: string, { tributary = Number.NaN, ...others }: Record<string, number>, figures: Figures) {
  const ratios = Object.entries(others).map(([name, figure]) => [`ours / ${name}`, round(tributary / figure)]);
  const spread = rangeOfTurns(figures['tributary'], figures['vmagent']);
  return { traffic, 'tributary CPU-s/M': tributary, ...others, ...Object.fromEntries(ratios), ...spread };
}

/** The least and the greatest ratio of two that were measured one after the other: how much the machine moved meanwhile. */
function rangeOfTurns(ours: readonly number[] = [], theirs: readonly number[] = []): Record<string, string> {
  const ratios = ours.map((figure, turn) => round(figure / (theirs[turn] ?? Number.NaN))).filter(Number.isFinite);
  return ratios.length < 2 ? {} : { 'ours / vmagent by turns': `${Math.min(...ratios)} - ${Math.max(...ratios)}` };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
