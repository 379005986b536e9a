import { describe, expect, it } from 'vitest';
import { readRetention } from '../../lib/config/retention-schema.ts';

const DEFAULTS = { normalised: { days: 2 }, derived: { days: 400 } };

describe('readRetention', () => {
  it('fills in defaults, and leaves alerts to be kept as derived series are', () => {
    expect(readRetention(undefined, [{ name: 'a' }], DEFAULTS)).toEqual(DEFAULTS);
    expect(readRetention({ derived: 30 }, [], DEFAULTS)).toEqual({ normalised: { days: 2 }, derived: { days: 30 } });
  });

  it('takes from all tenants what a tenant does not say', () => {
    const tenants = [{ name: 'a' }, { name: 'b', retention: { derived: 7 } }, { name: 'c', retention: { alerts: 90 } }];
    expect(readRetention({ normalised: 3, alerts: 60 }, tenants, DEFAULTS).tenants).toEqual({
      b: { normalised: { days: 3 }, derived: { days: 7 }, alerts: { days: 60 } },
      c: { normalised: { days: 3 }, derived: { days: 400 }, alerts: { days: 90 } },
    });
  });
});
