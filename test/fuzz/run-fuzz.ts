import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Choices } from '../promql/differential/choices.ts';
import { damaged } from './damage.ts';
import type { FuzzTarget } from './fuzz-target.ts';

/** No input may keep a parser longer, ms of CPU: other work on the machine does not count. */
export const MAX_INPUT_MS = 1000;

/** Live heap that a run may leave behind, bytes. */
export const MAX_HEAP_GROWTH = 64 * 1024 * 1024;

const MAX_FAILURES = 10;

export interface FuzzReport {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** The input that took longest, base64. */
  readonly slowest: string;
  /** Bytes of live heap at the end less those after the first tenth. */
  readonly heapGrowth: number;
  /** Crashes and hangs, each with the input that made it, base64; empty after a good run. */
  readonly failures: readonly string[];
}

/**
 * Puts `count` damaged inputs to a parser; the seeds themselves come first, whole. The same seed makes the same inputs.
 */
export async function runFuzz(target: FuzzTarget, count: number, seed: number): Promise<FuzzReport> {
  const choices = new Choices(seed);
  const tally = { accepted: 0, refused: 0 };
  const failures: string[] = [];
  let slowestMs = 0;
  let slowest = '';
  let heapAtStart = await liveHeap();
  let inputs = 0;
  for (; inputs < count && failures.length < MAX_FAILURES; inputs++) {
    if (inputs === Math.floor(count / 10)) heapAtStart = await liveHeap();
    const input = target.corpus[inputs] ?? damaged(target.corpus, target.words, choices);
    const began = process.cpuUsage();
    const outcome = await outcomeOf(target, input);
    const { user, system } = process.cpuUsage(began);
    const elapsed = (user + system) / 1000;
    if (elapsed > slowestMs) [slowestMs, slowest] = [elapsed, base64(input)];
    if (outcome === 'accepted' || outcome === 'refused') tally[outcome]++;
    else failures.push(`${describe(input, inputs)}: ${outcome}`);
    // What the platform clears away between two turns of its loop is no growth.
    if (inputs % 100 === 0) await nextTurn();
    if (elapsed > MAX_INPUT_MS) failures.push(`${describe(input, inputs)}: took ${Math.round(elapsed)} ms`);
  }
  const heapGrowth = (await liveHeap()) - heapAtStart;
  if (heapGrowth > MAX_HEAP_GROWTH) failures.push(`the heap grew by ${heapGrowth} bytes`);
  return { target: target.name, inputs, ...tally, slowestMs, slowest, heapGrowth, failures };
}

/** `accepted`, `refused` with an error that is allowed, or what went wrong. */
async function outcomeOf({ run, refusals }: FuzzTarget, input: Uint8Array): Promise<string> {
  try {
    await run(input);
    return 'accepted';
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal && !error.message.startsWith('BUG'))) return 'refused';
    return error instanceof Error ? `${error.name}: ${error.stack?.slice(0, 1000)}` : `threw ${String(error)}`;
  }
}

function describe(input: Uint8Array, number: number): string {
  return `input ${number} (${base64(input)})`;
}

/** Whole, so that a failure can be made again, unless it is one of the long ones. */
function base64(input: Uint8Array): string {
  return Buffer.from(input.subarray(0, 3000)).toString('base64');
}

/** What finalizers let go is collected only after a turn of the loop, so it takes a few rounds. */
async function liveHeap(): Promise<number> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    await nextTurn();
  }
  return process.memoryUsage().heapUsed;
}
