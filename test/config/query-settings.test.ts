import { describe, expect, it } from 'vitest';
import { QUERY_SCHEMA, querySettings } from '../../lib/config/query-schema.ts';
import { apiOptions, engineOptions } from '../../lib/config/query-settings.ts';

describe('query settings', () => {
  it('leave everything to the defaults when nothing is written', () => {
    const settings = querySettings(undefined);
    expect(settings).toEqual({ features: [], corsOrigins: [] });
    expect(engineOptions(settings)).toEqual({ features: new Set() });
    expect(apiOptions(settings)).toEqual({});
  });

  it('reach the engine and the API in their own units', () => {
    const settings = querySettings({
      features: ['promql-experimental-functions'],
      lookback_delta: '10m',
      max_samples: 500,
      cors_origins: ['https://grafana.example.com'],
    });
    expect(engineOptions(settings)).toEqual({
      features: new Set(['promql-experimental-functions']),
      lookbackDelta: 600_000,
      maxSamples: 500,
    });
    expect(apiOptions(settings)).toEqual({
      cors: { origins: ['https://grafana.example.com'] },
      lookbackDelta: 600_000,
    });
  });

  it.each([
    [{ features: ['time-travel'] }, 'must be one of promql-experimental-functions'],
    [{ lookback_delta: 'long' }, 'must be a duration'],
    [{ max_samples: 0 }, 'must be more than 0'],
    [{ cors_origins: ['grafana.example.com/'] }, 'must be an origin'],
    [{ lookback: '5m' }, 'is not a key that is known here'],
  ])('refuse %j', (written, message) => {
    const { error } = QUERY_SCHEMA.safeParse(written);
    expect(error?.issues[0]?.message).toContain(message);
  });
});
