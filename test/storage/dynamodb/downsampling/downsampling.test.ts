import fc from 'fast-check';
import { describe, it } from 'vitest';
import { onEveryEngine } from '../on-every-engine.ts';
import { tableDouble } from '../table-double.ts';
import { playStory, story } from './downsampling-model.ts';

/** The same stories each time, so that a failure is a change of the code; DOWNSAMPLING_SEED looks at others. */
const SEED = Number(process.env['DOWNSAMPLING_SEED'] ?? 20_261_122);
const RUNS = Number(process.env['DOWNSAMPLING_RUNS'] ?? 40);

describe('windows of derived series', () => {
  it(`answer aligned ranges as all samples in memory do, over ${RUNS} stories`, async () => {
    const property = fc.asyncProperty(story, async (told) => playStory(told, tableDouble().client));
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  }, 300_000);
});

/** An engine of its own takes much longer than a table in memory. */
const ENGINE_RUNS = Number(process.env['DOWNSAMPLING_ENGINE_RUNS'] ?? 1);

onEveryEngine((engine, table) => {
  it(`${engine} answers aligned ranges as all samples in memory do, over ${ENGINE_RUNS} stories`, async () => {
    let tenants = 0;
    const { tableName } = table();
    const property = fc.asyncProperty(story, async (told) =>
      playStory(told, table().client, { tenant: `t${tenants++}`, tableName }),
    );
    await fc.assert(property, { numRuns: ENGINE_RUNS, seed: SEED });
  }, 300_000);
});
