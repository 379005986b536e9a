import { describe, expect, it, vi } from 'vitest';
import { logScrapes, scrapeMetrics } from '../../lib/lambda/report-scrapes.ts';
import type { ScrapeOutcome } from '../../lib/pipeline/scrape-server.ts';

const FAILURE = { reason: 'scrape_failed: timeout', detail: 'too slow' } as const;
const values = (metrics: readonly { name: string; value: number }[]) =>
  Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
const newLog = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });

describe('what the reader of /federate tells', () => {
  const target = { tenant: { name: 'acme' }, source: { name: 'eu' }, server: 'http://a' };
  const good = { target, duration: 1.4, accepted: 5, failures: [] } as unknown as ScrapeOutcome;
  const outcomes = [good, { ...good, failures: [FAILURE] }, { ...good, accepted: 0, cause: new Error('no queue') }];

  it('counts scrapes, those that failed, and faults of ours', () => {
    expect(values(scrapeMetrics(outcomes))).toEqual({
      Scrapes: 3,
      ScrapesFailed: 1,
      ServerFaults: 1,
      SamplesAccepted: 10,
    });
  });

  it('logs what gave less than all', () => {
    const log = newLog();
    logScrapes(outcomes, log);
    const entry = { tenant: 'acme', source: 'eu', server: 'http://a', durationMs: 1 };
    expect(log.warn.mock.calls).toEqual([['a scrape failed', { ...entry, accepted: 5, failures: [FAILURE] }]]);
    expect(log.error.mock.calls).toMatchObject([['cannot queue what a server gave', { ...entry, accepted: 0 }]]);
    expect(log.debug.mock.calls).toEqual([['scraped', { ...entry, accepted: 5 }]]);
  });
});
