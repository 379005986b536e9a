import { describe, expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.ts';
import { TARGETS } from './targets/targets.ts';

/** Inputs over all parsers; nightly and before releases `FUZZ_RUNS=1000000`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 12_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);

describe(`${RUNS} damaged inputs, seed ${SEED}`, () => {
  it.each(TARGETS)(
    '$name: accepted or refused, none crashes, hangs or stays in memory',
    async (target) => {
      const report = await runFuzz(target, Math.ceil(RUNS / TARGETS.length), SEED);
      expect(report.failures.join('\n')).toBe('');
      // Damage of every depth: seeds are good as they are, and something is noticed.
      expect(report.accepted).toBeGreaterThan(0);
      if (target.refusals.length > 0) expect(report.refused).toBeGreaterThan(0);
    },
    3_600_000,
  );
});
