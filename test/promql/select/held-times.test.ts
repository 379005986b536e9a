import { describe, expect, it } from 'vitest';
import { heldTimes } from '../../../lib/promql/select/held-times.ts';

describe('heldTimes', () => {
  it('looks at the last end of a window, and anywhere else at the time itself', () => {
    const segments = [
      { after: 100, upTo: 200, width: 50 },
      { after: 300, upTo: 400, width: 100 },
    ];
    const times = Float64Array.of(100, 101, 149, 150, 199, 200, 250, 301, 399, 400, 401);
    expect([...heldTimes(times, segments)]).toEqual([100, 100, 100, 150, 150, 200, 250, 300, 300, 400, 401]);
  });
});
