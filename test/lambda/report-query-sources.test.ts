import { describe, expect, it, vi } from 'vitest';
import { logQuerySources, querySourceMetrics } from '../../lib/lambda/report-query-sources.ts';
import type { QuerySourceOutcome } from '../../lib/pipeline/query-source.ts';

const FAILURE = { reason: 'query_failed: timeout', detail: 'too slow' } as const;
const values = (metrics: readonly { name: string; value: number }[]) =>
  Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
const newLog = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });

describe('what the reader of PromQL tells', () => {
  const target = { tenant: { name: 'acme' }, source: { name: 'eu' } };
  const good = { target, times: 1, stored: 7, failures: [], behind: 0, skipped: 0 } as unknown as QuerySourceOutcome;
  const outcomes = [
    good,
    { ...good, behind: 90_000, failures: Array.from({ length: 20 }, () => FAILURE) },
    { ...good, stored: 0, behind: 1000, cause: new Error('no table') },
  ];

  it('is the lag of the source that is worst off', () => {
    expect(values(querySourceMetrics(outcomes))).toEqual({
      SourceLag: 90,
      SourcesFailed: 1,
      ServerFaults: 1,
      SamplesStored: 14,
    });
    expect(values(querySourceMetrics([]))).toMatchObject({ SourceLag: 0 });
  });

  it('logs a few failures of many', () => {
    const log = newLog();
    logQuerySources(outcomes, log);
    expect(log.warn.mock.calls).toMatchObject([
      ['not everything was asked or answered', { tenant: 'acme', stored: 7 }],
    ]);
    expect(log.warn.mock.calls[0]?.[1].failures).toHaveLength(9);
    expect(log.error.mock.calls).toMatchObject([['cannot store what a source gave', { source: 'eu' }]]);
  });
});
