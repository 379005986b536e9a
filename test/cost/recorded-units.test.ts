import { describe, expect, it } from 'vitest';
import { measureWrites } from '../../bench/cost-writes.ts';
import { RECORDED_UNITS } from '../../lib/cost/recorded-units.ts';

/** Items of DynamoDB are billed by started KB: a byte more or less a sample does not matter, five percent do. */
const DRIFT = 0.05;

describe('RECORDED_UNITS', () => {
  it('are what commits take now; otherwise `npm run bench -- cost` has the new ones', async () => {
    const recorded = RECORDED_UNITS.writeUnitsPerThousand.filter(({ samples }) => samples <= 3333);
    const measured = await measureWrites(recorded.map(({ samples }) => samples));
    for (const [i, { samples, units }] of recorded.entries()) {
      const now = measured.writeUnitsPerThousand[i]?.units ?? Number.NaN;
      expect(Math.abs(now / units - 1), `${samples} samples: ${units} recorded, ${now} now`).toBeLessThan(DRIFT);
    }
    const bytes = measured.logBytesPerSample;
    expect(Math.abs(bytes / RECORDED_UNITS.logBytesPerSample - 1), `${bytes} bytes a sample now`).toBeLessThan(DRIFT);
  });
});
