import fc from 'fast-check';
import { describe, it } from 'vitest';
import { playSchedule, schedule } from './compaction-model.ts';
import { startDynalite } from './start-dynalite.ts';
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
      async (acts, shards, sliceSamples) => {
        const { client } = tableDouble();
        await playSchedule(acts, { client, tenant: 't', shards, sliceSamples });
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  }, 1_200_000);
});

describe('the same on a stand-in of DynamoDB', () => {
  const table = startDynalite();

  it('answers as the store in memory does', async () => {
    let tenants = 0;
    const property = fc.asyncProperty(schedule, async (acts) =>
      playSchedule(acts, { client: table().client, tenant: `t${tenants++}`, sliceSamples: 10 }),
    );
    await fc.assert(property, { numRuns: 40, seed: SEED });
  }, 300_000);
});
