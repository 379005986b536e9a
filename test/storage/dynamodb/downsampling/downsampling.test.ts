import fc from 'fast-check';
import { describe, it } from 'vitest';
import { tableDouble } from '../table-double.ts';
import { playStory, story } from './downsampling-model.ts';

/** The same stories each time, so that a failure is a change of the code; DOWNSAMPLING_SEED looks at others. */
const SEED = Number(process.env['DOWNSAMPLING_SEED'] ?? 20_261_122);
const RUNS = Number(process.env['DOWNSAMPLING_RUNS'] ?? 60);

describe('windows of derived series', () => {
  it(`answer aligned ranges as all samples in memory do, over ${RUNS} stories`, async () => {
    const property = fc.asyncProperty(story, async (told) => playStory(told, tableDouble().client));
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  }, 300_000);
});
