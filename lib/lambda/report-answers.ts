import type { EmfMetric } from './emf.ts';
import { REQUEST_ID_HEADER } from './http-event.ts';
import type { Log } from './log.ts';

/** A request to the HTTP API that was answered. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly method: string;
  /** As the table of access spells it, or `other`: paths are texts of clients. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Logs what clients could not be given; the cause of a fault of ours is logged apart, under the same request id. */
export function logAnswer(answered: AnsweredRequest, log: Log): void {
  if (answered.status >= 500) log.warn('answered with an error', { ...answered });
}

/** Logs a fault of ours with its cause, of which the client learns nothing. */
export function logFault(error: unknown, { method, url, headers }: Request, log: Log): void {
  const requestId = headers.get(REQUEST_ID_HEADER);
  log.error('cannot answer a request', { requestId, method, path: new URL(url).pathname, error });
}

/** What one answer adds to the metrics of the API. A query that takes too long fails, and is no fault of ours. */
export function answerMetrics({ status }: AnsweredRequest): readonly EmfMetric[] {
  return [
    { name: 'Requests', unit: 'Count', value: 1 },
    { name: 'RequestsFailed', unit: 'Count', value: status >= 500 ? 1 : 0 },
    { name: 'ServerFaults', unit: 'Count', value: 0 },
  ];
}

/** What a fault of ours adds. */
export const SERVER_FAULT: EmfMetric = { name: 'ServerFaults', unit: 'Count', value: 1 };
