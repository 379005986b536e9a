import { describe, it } from 'vitest';
import { simulate } from './simulate.ts';

/** One schedule again, by its seed, as a failure names it. */
const ONE = process.env['SIMULATION_SEED'];
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 200);
/** Other schedules than last time. */
const FROM = Number(process.env['SIMULATION_FROM'] ?? 1);
const PER_TEST = Math.max(1, Math.ceil(RUNS / 10));

/** What of the counts tells how hard it was. */
const TOLD =
  /^(kills|calls|fault .*|redeliveries|requests sent again|dead letters replayed|samples acknowledged|results .*)$/;

describe('whatever fails, nothing is lost, doubled or wrong', () => {
  if (ONE !== undefined) {
    it(`in schedule ${ONE}`, () => play(Number(ONE), 1), 60_000);
    return;
  }
  for (let from = FROM; from < FROM + RUNS; from += PER_TEST) {
    const count = Math.min(PER_TEST, FROM + RUNS - from);
    it(`in schedules ${from} to ${from + count - 1}`, () => play(from, count), 30_000 + count * 5000);
  }
});

async function play(from: number, count: number): Promise<void> {
  const totals = new Map<string, number>();
  for (let seed = from; seed < from + count; seed++) {
    const { counts } = await simulate(seed);
    for (const [what, times] of counts) totals.set(what, (totals.get(what) ?? 0) + times);
  }
  const told = [...totals].filter(([what]) => TOLD.test(what)).sort();
  console.info(`${count} schedules: ${told.map(([what, times]) => `${times} ${what}`).join(', ')}`);
}
