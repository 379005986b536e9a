import { describe, expect, it } from 'vitest';
import { unitOf, widthOf, windowEnd } from '../../../lib/storage/downsampling/width.ts';
import { RESOLUTIONS } from '../../../lib/storage/interface.ts';
import { DAY_MS } from '../../../lib/storage/retention-window.ts';

const MINUTE = 60_000;

describe('windows', () => {
  it('are open on the left, as ranges of PromQL are', () => {
    expect(windowEnd(10 * MINUTE, 5 * MINUTE)).toBe(10 * MINUTE);
    expect(windowEnd(10 * MINUTE + 1, 5 * MINUTE)).toBe(15 * MINUTE);
  });

  it('fill days, and midnight belongs to the day before', () => {
    for (const resolution of RESOLUTIONS) expect(DAY_MS % widthOf(resolution)).toBe(0);
    expect(unitOf(3 * DAY_MS)).toBe(2 * DAY_MS);
    expect(unitOf(3 * DAY_MS + 1)).toBe(3 * DAY_MS);
  });
});
