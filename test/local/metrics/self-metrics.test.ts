import { describe, expect, it } from 'vitest';
import type { CompactionOutcome } from '../../../lib/pipeline/compact.ts';
import type { EvaluationOutcome } from '../../../lib/pipeline/evaluate.ts';
import type { QuerySourceOutcome } from '../../../lib/pipeline/query-source.ts';
import type { ScrapeOutcome } from '../../../lib/pipeline/scrape-server.ts';
import { newTally } from '../../../lib/storage/ledger.ts';
import { newSelfMetrics } from '../../../local/metrics/self-metrics.ts';

describe('newSelfMetrics', () => {
  it('counts requests, samples by what was decided, bytes and faults of ours', async () => {
    const { metrics, ask } = open();
    const request = { requestId: 'r', body: new Uint8Array(100) };
    const tally = { ...newTally(), selected: 3, unselected: 4, refused: { too_old: 2, no_name: 1 } };
    const response = { headers: {}, body: '' };
    const account = { tally, examples: [] };
    metrics.received({ request, response: { ...response, status: 400, outcome: { account } }, durationMs: 4 });
    metrics.received({ request, response: { ...response, status: 503, outcome: {} }, durationMs: 2 });
    const cause = new Error('no queue');
    metrics.received({ request, response: { ...response, status: 503, outcome: { cause } }, durationMs: 30 });
    expect(await ask('tributary_intake_')).toMatchObject({
      'tributary_intake_requests_total{status="400"}': 1,
      'tributary_intake_requests_total{status="503"}': 2,
      'tributary_intake_samples_total{outcome="selected"}': 3,
      'tributary_intake_samples_total{outcome="unselected"}': 4,
      'tributary_intake_samples_total{outcome="refused"}': 3,
      'tributary_intake_refused_samples_total{reason="too_old"}': 2,
      tributary_intake_bytes_total: 300,
      tributary_intake_faults_total: 1,
      tributary_intake_duration_seconds_count: 3,
      tributary_intake_duration_seconds_sum: 0.036,
      'tributary_intake_duration_seconds_bucket{le="0.005"}': 2,
    });
  });

  it('tells what became of messages and their samples', async () => {
    const { metrics, ask } = open();
    const tally = { ...newTally(), contextualized: 10, stored: 15, dropped: { relabel_drop: 2, no_rule_matched: 3 } };
    metrics.worked({ messages: 7, failed: 3, buried: 1, tally, durationMs: 1 });
    expect(await ask('tributary_worker_')).toMatchObject({
      'tributary_worker_messages_total{outcome="processed"}': 4,
      'tributary_worker_messages_total{outcome="retried"}': 2,
      'tributary_worker_messages_total{outcome="buried"}': 1,
      'tributary_worker_samples_total{outcome="contextualized"}': 10,
      'tributary_worker_samples_total{outcome="dropped"}': 5,
      'tributary_worker_dropped_samples_total{reason="no_rule_matched"}': 3,
      tributary_worker_stored_samples_total: 15,
    });
  });

  it('tells faults of ours from failures of servers', async () => {
    const { metrics, ask } = open();
    const scraped = { target: {}, duration: 20, accepted: 5, failures: [] } as unknown as ScrapeOutcome;
    const failed = { ...scraped, accepted: 0, failures: [{ reason: 'scrape_failed: timeout', detail: '' }] } as const;
    metrics.scraped([scraped, failed, { ...failed, cause: new Error('no queue') }]);
    const asked = { target: {}, times: 1, stored: 9, failures: [], behind: 0, skipped: 0 };
    metrics.asked([asked, { ...asked, behind: 90_000, cause: new Error() }] as unknown as QuerySourceOutcome[]);
    expect(await ask('tributary_(federation|query_source)_')).toMatchObject({
      'tributary_federation_scrapes_total{outcome="success"}': 1,
      'tributary_federation_scrapes_total{outcome="failure"}': 1,
      'tributary_federation_scrapes_total{outcome="fault"}': 1,
      tributary_federation_samples_total: 5,
      'tributary_query_source_runs_total{outcome="success"}': 1,
      'tributary_query_source_runs_total{outcome="fault"}': 1,
      tributary_query_source_samples_total: 18,
      tributary_query_source_lag_seconds: 90,
    });
  });

  it('shows the tenant and the class that are worst off, and names none', async () => {
    const { metrics, ask, page } = open();
    const evaluated = { evaluations: 4, samples: 2, failures: [], skipped: 60_000, behind: 0, overtaken: false };
    metrics.evaluated([{ ...evaluated, tenant: 'acme' }, late({ ...evaluated, tenant: 'other' })], 1500);
    const compacted = { steps: 2, samplesRead: 9, samplesWritten: 8, itemsWritten: 1, bytesWritten: 70, writeUnits: 6 };
    const one = { ...compacted, tenant: 'acme', retentionClass: 'derived', overtaken: 0 } as const;
    metrics.compacted([{ ...one, backlog: { epochs: 5, leftovers: 0 } }, broken(one)], 10);
    expect(await ask('tributary_(evaluation|compaction)_')).toMatchObject({
      'tributary_evaluation_runs_total{outcome="success"}': 1,
      'tributary_evaluation_runs_total{outcome="failure"}': 1,
      tributary_evaluation_rules_total: 8,
      tributary_evaluation_rule_failures_total: 1,
      tributary_evaluation_samples_total: 4,
      tributary_evaluation_skipped_seconds_total: 120,
      tributary_evaluation_lag_seconds: 30,
      tributary_evaluation_duration_seconds_sum: 1.5,
      tributary_compaction_steps_total: 4,
      tributary_compaction_failures_total: 1,
      tributary_compaction_backlog_epochs: 5,
      tributary_compaction_write_units_total: 12,
    });
    expect(await page()).not.toMatch(/acme|other/);
  });

  it('counts requests to the API by route and status', async () => {
    const { metrics, ask } = open();
    const answered = { requestId: 'r', method: 'GET', route: '/api/v1/query', status: 200, durationMs: 7 };
    for (const status of [200, 200, 422]) metrics.answered({ ...answered, status });
    expect(await ask('tributary_query_requests|_query_duration_seconds_count')).toEqual({
      'tributary_query_requests_total{handler="/api/v1/query",status="200"}': 2,
      'tributary_query_requests_total{handler="/api/v1/query",status="422"}': 1,
      'tributary_query_duration_seconds_count{handler="/api/v1/query"}': 3,
    });
  });

  it('asks the queues with every scrape', async () => {
    const { ask } = open([
      { name: 'raw', visible: 3, inFlight: 2, delayed: 0, oldestSentAt: Date.now() - 90_000 },
      { name: 'dead-letters', visible: 0, inFlight: 0, delayed: 0 },
    ]);
    const figures = await ask('tributary_queue_');
    expect(figures).toMatchObject({
      'tributary_queue_depth{queue="raw",state="visible"}': 3,
      'tributary_queue_depth{queue="raw",state="in_flight"}': 2,
      'tributary_queue_oldest_message_age_seconds{queue="dead-letters"}': 0,
    });
    expect(figures['tributary_queue_oldest_message_age_seconds{queue="raw"}']).toBeCloseTo(90, 0);
  });

  it('begins with zeros where the values of a label are known, and says what runs', async () => {
    const { ask } = open();
    expect(await ask('tributary_')).toMatchObject({
      [`tributary_build_info{version="1.2.3",plan="p-1",node="${process.version}"}`]: 1,
      'tributary_intake_samples_total{outcome="refused"}': 0,
      'tributary_worker_messages_total{outcome="buried"}': 0,
      'tributary_federation_scrapes_total{outcome="fault"}': 0,
    });
    expect(Object.keys(await ask('process_|nodejs_'))).toEqual(
      expect.arrayContaining(['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']),
    );
  });
});

function open(queues: ReturnType<Parameters<typeof newSelfMetrics>[0]['queues']> = []) {
  const metrics = newSelfMetrics({ version: '1.2.3', planVersion: 'p-1', queues: () => queues });
  const page = async () => (await metrics.page()).body;
  const ask = async (names: string) => {
    const lines = (await page()).split('\n').filter((line) => new RegExp(`^${names}|^\\w*${names}`).test(line));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  };
  return { metrics, page, ask };
}

function late(outcome: EvaluationOutcome): EvaluationOutcome {
  return { ...outcome, behind: 30_000, failures: [{ rule: 'a', at: 'b:1', error: 'c' }] };
}

function broken(outcome: CompactionOutcome): CompactionOutcome {
  return { ...outcome, error: new Error('out of reach') };
}
