import { describe, expect, it, vi } from 'vitest';
import { intakeMetrics, isServerFault, logReceived, type ReceivedRequest } from '../../lib/lambda/report-intake.ts';
import type { IntakeOutcome } from '../../lib/pipeline/intake-request.ts';
import { newTally } from '../../lib/storage/ledger.ts';

const tally = { ...newTally(), selected: 3, unselected: 4, refused: { too_old: 2, no_name: 1 } };
const received = (status: number, outcome: IntakeOutcome = {}): ReceivedRequest => ({
  request: { requestId: 'r1', body: new Uint8Array(70) },
  response: { status, headers: {}, body: 'why', outcome },
  durationMs: 1,
});
const FAULT = received(503, { tenant: 'acme', source: 'prom', cause: new Error('no queue') });

describe('what the receiver tells', () => {
  it('is what came and what the door decided', () => {
    const metrics = intakeMetrics(received(400, { account: { tally, examples: [] } }));
    expect(Object.fromEntries(metrics.map(({ name, value }) => [name, value]))).toEqual({
      Requests: 1,
      ServerFaults: 0,
      BytesReceived: 70,
      SamplesSelected: 3,
      SamplesUnselected: 4,
      SamplesRefused: 3,
    });
  });

  it('tells faults of ours from tenants that are told to wait', () => {
    expect(isServerFault(FAULT)).toBe(true);
    expect(isServerFault(received(503))).toBe(false);
    expect(isServerFault(received(400, { cause: new Error() }))).toBe(false);
    expect(intakeMetrics(FAULT)).toContainEqual({ name: 'ServerFaults', unit: 'Count', value: 1 });
  });

  it('logs what was not taken, with its request id, and nothing else', () => {
    const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    logReceived(received(204), log);
    logReceived(received(503), log);
    logReceived(FAULT, log);
    expect(log.warn.mock.calls).toMatchObject([['refused samples', { requestId: 'r1', status: 503, answer: 'why' }]]);
    expect(log.error.mock.calls).toMatchObject([
      ['cannot take samples now', { requestId: 'r1', tenant: 'acme', source: 'prom', cause: { message: 'no queue' } }],
    ]);
    expect(log.info).not.toHaveBeenCalled();
  });
});
