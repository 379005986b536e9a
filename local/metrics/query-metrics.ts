import type { AnsweredRequest } from '../../lib/lambda/report-answers.ts';
import type { Instruments } from './instruments.ts';

/** What the HTTP API does. */
export function queryMetrics(make: Instruments): (answered: AnsweredRequest) => void {
  const requests = make.counter('query_requests_total', 'Requests to the HTTP API answered.', 'handler', 'status');
  const duration = make.histogram('query_duration_seconds', 'Time to answer a request to the HTTP API.', 'handler');
  return ({ route: handler, status, durationMs }) => {
    requests.inc({ handler, status });
    duration.observe({ handler }, durationMs / 1000);
  };
}
