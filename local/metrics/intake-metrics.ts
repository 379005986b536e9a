import { isServerFault, type ReceivedRequest } from '../../lib/lambda/report-intake.ts';
import { countReasons, type Instruments } from './instruments.ts';

/** What the receiver does. */
export function intakeMetrics(make: Instruments): (received: ReceivedRequest) => void {
  const requests = make.counter('intake_requests_total', 'Remote-write requests answered.', 'status');
  const samples = make.counterOf('intake_samples_total', 'Samples by what the door decided.', 'outcome', [
    'selected',
    'unselected',
    'refused',
  ]);
  const refusals = make.counter('intake_refused_samples_total', 'Samples that the door refused.', 'reason');
  const bytes = make.counter('intake_bytes_total', 'Bodies of remote-write requests, compressed.');
  const faults = make.counter('intake_faults_total', 'Requests that a fault of ours kept out.');
  const duration = make.histogram('intake_duration_seconds', 'Time to answer a remote-write request.');
  return (received) => {
    const { request, response, durationMs } = received;
    const { selected = 0, unselected = 0, refused = {} } = response.outcome.account?.tally ?? {};
    requests.inc({ status: response.status });
    samples.inc({ outcome: 'selected' }, selected);
    samples.inc({ outcome: 'unselected' }, unselected);
    samples.inc({ outcome: 'refused' }, countReasons(refusals, refused));
    bytes.inc(request.body.length);
    if (isServerFault(received)) faults.inc();
    duration.observe(durationMs / 1000);
  };
}
