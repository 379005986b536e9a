import { describe, expect, it } from 'vitest';
import { DAY_MS, retainedRange, retentionOf } from '../../lib/storage/retention-window.ts';

const OF_ALL = { normalised: { days: 2 }, derived: { days: 400 } };

describe('retentionOf', () => {
  it('keeps alerts as long as derived series unless something else is said', () => {
    expect(retentionOf(OF_ALL, 'a').alerts).toEqual({ days: 400 });
    expect(retentionOf({ ...OF_ALL, alerts: { days: 9 } }, 'a').alerts).toEqual({ days: 9 });
  });

  it('is that of the tenant where it has its own, and of nobody else', () => {
    const retention = { ...OF_ALL, tenants: { a: { ...OF_ALL, derived: { days: 7 } } } };
    expect(retentionOf(retention, 'a')).toEqual({
      normalised: { days: 2 },
      derived: { days: 7 },
      alerts: { days: 7 },
    });
    expect(retentionOf(retention, 'b').derived).toEqual({ days: 400 });
    expect(retentionOf(retention, 'constructor').derived).toEqual({ days: 400 });
  });
});

describe('retainedRange', () => {
  it('leaves of a range what its class still holds', () => {
    const [now, retention] = [500 * DAY_MS, retentionOf(OF_ALL, 'a')];
    expect(retainedRange({ mint: 0, maxt: now }, retention, 'derived', now)?.mint).toBe(100 * DAY_MS);
    expect(retainedRange({ mint: 0, maxt: now - 3 * DAY_MS }, retention, 'normalised', now)).toBeUndefined();
  });
});
