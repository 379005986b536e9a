import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { LinearCounter } from '../../../lib/pipeline/cardinality/linear-counter.ts';
import { seriesIdentity } from '../../../lib/storage/series-identity.ts';

describe('LinearCounter', () => {
  it.each([0, 1, 100, 4000, 20_000])('counts %d distinct members within a few percent', (count) => {
    const counter = new LinearCounter();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < count; i++) counter.add(seriesIdentity(Labels.from({ i: String(i) })));
    }
    expect(Math.abs(counter.size - count)).toBeLessThanOrEqual(count * 0.04);
  });

  it('says something finite of what it cannot count any more', () => {
    const counter = new LinearCounter();
    for (let low = 0; low < 8192; low++) counter.add({ high: 0, low });
    expect(counter.size).toBeGreaterThan(50_000);
    expect(Number.isFinite(counter.size)).toBe(true);
  });
});
