import { describe, expect, it } from 'vitest';
import { readRetention, retentionProblem } from '../../lib/config/retention-schema.ts';

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

  it('takes derived series as a map with windows, which a tenant may have otherwise or not at all', () => {
    const written = { derived: { days: 90, downsampled: { '5m': 400, '1h': 1825 } } };
    const tenants = [
      { name: 'a', retention: { derived: 30 } },
      { name: 'b', retention: { derived: { downsampled: {} } } },
      { name: 'c', retention: { derived: { downsampled: { '1h': 700 } } } },
    ];
    const retention = readRetention(written, tenants, DEFAULTS);
    const downsampled = { '5m': { days: 400 }, '1h': { days: 1825 } };
    expect(retention.derived).toEqual({ days: 90, downsampled });
    expect(retention.tenants?.['a']?.derived).toEqual({ days: 30, downsampled });
    expect(retention.tenants?.['b']?.derived).toEqual({ days: 90, downsampled: {} });
    expect(retention.tenants?.['c']?.derived).toEqual({ days: 90, downsampled: { '1h': { days: 700 } } });
  });
});

describe('retentionProblem', () => {
  const problemOf = (days: number, fine: number, coarse: number) =>
    retentionProblem({
      normalised: { days: 2 },
      derived: { days, downsampled: { '5m': { days: fine }, '1h': { days: coarse } } },
    });

  it('wants windows to outlive what is finer', () => {
    expect(problemOf(90, 400, 1825)).toBeUndefined();
    expect(problemOf(90, 60, 1825)).toBe('must not keep windows of 5m for 60 days, less than the 90 of what is finer');
    expect(problemOf(90, 400, 300)).toBe(
      'must not keep windows of 1h for 300 days, less than the 400 of what is finer',
    );
  });

  it('wants samples to live until windows are made of them', () => {
    expect(problemOf(2, 400, 400)).toBe('must keep derived series for 3 days at least to downsample them, not 2');
    expect(retentionProblem({ normalised: { days: 2 }, derived: { days: 1 } })).toBeUndefined();
  });
});
