import type { IntakeRequest, IntakeResponse } from '../pipeline/intake-request.ts';
import type { EmfMetric } from './emf.ts';
import type { Log } from './log.ts';

/** A remote-write request that was answered. */
export interface ReceivedRequest {
  readonly request: Pick<IntakeRequest, 'requestId' | 'body'>;
  readonly response: IntakeResponse;
  readonly durationMs: number;
}

/** A fault of ours. Without a cause a 5xx is none: a tenant sends more than it may, and is told to wait. */
export function isServerFault({ response: { status, outcome } }: ReceivedRequest): boolean {
  return status >= 500 && outcome.cause !== undefined;
}

/** Logs what was refused; what was taken is in the ledger. */
export function logReceived(received: ReceivedRequest, log: Log): void {
  const { status, body, outcome } = received.response;
  if (status < 400) return;
  const { tenant, source, account, cause } = outcome;
  const { requestId } = received.request;
  const entry = { requestId, status, answer: body, tenant, source, refused: account?.tally.refused };
  if (isServerFault(received)) log.error('cannot take samples now', { ...entry, cause });
  else log.warn('refused samples', entry);
}

/** What one request adds to the metrics of the receiver. What is answered with 503 counts no samples: they come again. */
export function intakeMetrics(received: ReceivedRequest): readonly EmfMetric[] {
  const { request, response } = received;
  const tally = response.outcome.account?.tally;
  return [
    { name: 'Requests', unit: 'Count', value: 1 },
    { name: 'ServerFaults', unit: 'Count', value: isServerFault(received) ? 1 : 0 },
    { name: 'BytesReceived', unit: 'Bytes', value: request.body.length },
    { name: 'SamplesSelected', unit: 'Count', value: tally?.selected ?? 0 },
    { name: 'SamplesUnselected', unit: 'Count', value: tally?.unselected ?? 0 },
    { name: 'SamplesRefused', unit: 'Count', value: sumOf(tally?.refused) },
  ];
}

function sumOf(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
