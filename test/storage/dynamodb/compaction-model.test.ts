import fc from 'fast-check';
import { describe, it } from 'vitest';
import { playSchedule, schedule } from './compaction-model.ts';
import { onEveryEngine } from './on-every-engine.ts';
import { tableDouble } from './table-double.ts';

/** The same schedules each time, so that a failure is a change of the code; COMPACTION_SEED looks at others. */
const SEED = Number(process.env['COMPACTION_SEED'] ?? 20_261_122);
const RUNS = Number(process.env['COMPACTION_RUNS'] ?? 10_000);

describe('appends, compactions and reads in any order', () => {
  it(`answer as the store in memory does, over ${RUNS} schedules`, async () => {
    const property = fc.asyncProperty(
      schedule,
      fc.constantFrom(1, 2),
      fc.constantFrom(3, 10, 1000),
      fc.boolean(),
      async (acts, shards, sliceSamples, downsamples) => {
        const { client } = tableDouble();
        await playSchedule(acts, { client, tenant: 't', shards, sliceSamples, downsamples });
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  }, 1_200_000);
});

/** An engine of its own takes a hundred times as long as a table in memory. */
const ENGINE_RUNS = Number(process.env['COMPACTION_ENGINE_RUNS'] ?? 40);

onEveryEngine((engine, table) => {
  it(`${engine} answers as the store in memory does, over ${ENGINE_RUNS} schedules`, async () => {
    let tenants = 0;
    const property = fc.asyncProperty(schedule, async (acts) =>
      playSchedule(acts, { ...table(), tenant: `t${tenants++}`, sliceSamples: 10 }),
    );
    await fc.assert(property, { numRuns: ENGINE_RUNS, seed: SEED });
  }, 300_000);
});
