import { writeFileSync } from 'node:fs';
import { flameGraph, shareByRoom } from './flame-graph.ts';
import { SAMPLES_PER_BODY } from './intake-traffic.ts';
import { Load, SERIES, type Stretch } from './sustained-load.ts';
import { StackProcess } from './sustained-process.ts';

/** Requests a second that are tried, each for a few seconds, until one is too many. */
const STEPS = [1, 2, 5, 10, 20, 50] as const;
const STEP_SECONDS = 10;
/** As long as the queue hides a message whose worker failed. */
const DRAIN_MS = 90_000;
const MIB = 1024 * 1024;

/** A rate is held when nothing is refused, nothing fails, and the queue stays as short as the worker's batches explain. */
const MAX_QUEUED_SECONDS = 5;
const MAX_DRAIN_SECONDS = 5;
const MIN_SHARE_TAKEN = 0.97;

/** One rate, and what became of it. */
interface Trial {
  readonly rate: number;
  readonly stretch: Stretch;
  readonly maxQueued: number;
  readonly drainSeconds: number | undefined;
  readonly faults: number;
  readonly isHeld: boolean;
}

/**
 * `npm run bench -- sustained [SECONDS] [REQUESTS_PER_SECOND | max] [SVG]`: requests of 2,000 samples at a fixed rate to the
 * whole local stack, a process of its own: receiver, queue, worker, store, evaluator. `max` climbs step by step to the highest
 * rate that is held, and then holds it for SECONDS. Prints how much is queued and how much memory is used over time, and CPU
 * seconds for a million samples sent. Writes a flame graph to SVG where one is named.
 */
export async function run([seconds = '60', rate = 'max', svg]: readonly string[]): Promise<Record<string, unknown>> {
  const stack = await StackProcess.start();
  try {
    const load = new Load(stack);
    await load.introduce();
    await load.drain(DRAIN_MS);
    const steps = rate === 'max' ? await climb(stack, load) : [];
    const wanted = rate === 'max' ? highestHeld(steps) : Number(rate);
    return { ...(await hold(stack, load, Number(seconds), wanted, svg)), steps: steps.map(summary) };
  } finally {
    stack.stop();
  }
}

async function climb(stack: StackProcess, load: Load): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (const rate of STEPS) {
    const trial = await attempt(stack, load, STEP_SECONDS, rate);
    trials.push(trial);
    if (!trial.isHeld) break;
  }
  return trials;
}

/** @throws Error when none was held. */
function highestHeld(trials: readonly Trial[]): number {
  const held = trials.filter(({ isHeld }) => isHeld).at(-1);
  if (held === undefined) throw new Error(`cannot find a rate that is held: ${JSON.stringify(trials.map(summary))}`);
  return held.rate;
}

async function attempt(stack: StackProcess, load: Load, seconds: number, rate: number): Promise<Trial> {
  const faultsBefore = stack.faults.length;
  const stretch = await load.run(seconds, rate);
  const drainSeconds = await load.drain(DRAIN_MS);
  const faults = stack.faults.length - faultsBefore;
  const maxQueued = Math.max(0, ...stretch.readings.map(({ queued }) => queued));
  const isHeld =
    stretch.refused === 0 &&
    faults === 0 &&
    stretch.taken / stretch.seconds >= rate * MIN_SHARE_TAKEN &&
    maxQueued <= Math.max(1, rate) * MAX_QUEUED_SECONDS &&
    (drainSeconds ?? Number.POSITIVE_INFINITY) <= MAX_DRAIN_SECONDS;
  return { rate, stretch, maxQueued, drainSeconds, faults, isHeld };
}

/** The rate for as long as asked; a lower step where it is not held for so long. */
async function hold(
  stack: StackProcess,
  load: Load,
  seconds: number,
  rate: number,
  svg: string | undefined,
): Promise<Record<string, unknown>> {
  const [before, cpuBefore, loadBefore] = [await stack.memory(), stack.cpuSeconds, process.cpuUsage()];
  const endProfile = await stack.profile();
  const trial = await attempt(stack, load, seconds, rate);
  const [cpu, { user, system }] = [stack.cpuSeconds - cpuBefore, process.cpuUsage(loadBefore)];
  const profile = await endProfile();
  const after = await stack.memory();
  const samples = trial.stretch.taken * SAMPLES_PER_BODY;
  const lower = STEPS.filter((step) => step < rate).at(-1);
  if (!trial.isHeld && lower !== undefined) {
    console.error(`not held for ${seconds} s: ${JSON.stringify(summary(trial))} ${stack.faults.at(-1) ?? ''}`);
    return hold(stack, load, seconds, lower, svg);
  }
  const title = `CPU time of the local stack: ${samples} samples in ${Math.round(trial.stretch.seconds)} s`;
  if (svg !== undefined) writeFileSync(svg, flameGraph(profile, title));
  const rss = trial.stretch.readings.map(({ rssMiB }) => rssMiB);
  return {
    table: trial.stretch.readings,
    ...summary(trial),
    series: SERIES,
    rssMiB: [rss.at(0), rss.at(-1)],
    heapMiB: [round(before.heap / MIB), round(after.heap / MIB)],
    buffersMiB: [round(before.buffers / MIB), round(after.buffers / MIB)],
    stackCpuSeconds: round(cpu),
    loadCpuSeconds: round((user + system) / 1e6),
    stackCpuSecondsPerMillion: round((cpu / samples) * 1e6),
    shares: Object.fromEntries(shareByRoom(profile).slice(0, 12)),
  };
}

function summary({ rate, stretch, maxQueued, drainSeconds, faults, isHeld }: Trial) {
  return {
    offeredPerSecond: rate * SAMPLES_PER_BODY,
    samplesPerSecond: Math.round((stretch.taken * SAMPLES_PER_BODY) / stretch.seconds),
    isHeld,
    refused: stretch.refused,
    faults,
    answerMs99: stretch.answerMs99,
    maxQueued,
    drainSeconds: drainSeconds ?? null,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
