import type { WorkedBatch } from '../../lib/lambda/report-batches.ts';
import { countReasons, type Instruments } from './instruments.ts';

/** What the worker does. */
export function workerMetrics(make: Instruments): (batch: WorkedBatch) => void {
  const messages = make.counterOf('worker_messages_total', 'Deliveries of messages of the queue.', 'outcome', [
    'processed',
    'retried',
    'buried',
  ]);
  const samples = make.counterOf('worker_samples_total', 'Selected samples by what became of them.', 'outcome', [
    'contextualized',
    'dropped',
  ]);
  const drops = make.counter('worker_dropped_samples_total', 'Selected samples that were dropped.', 'reason');
  const stored = make.counter('worker_stored_samples_total', 'Contextualized samples stored.');
  const duration = make.histogram('worker_duration_seconds', 'Time to work off a batch of messages.');
  return ({ messages: delivered, failed, buried, tally, durationMs }) => {
    messages.inc({ outcome: 'processed' }, delivered - failed);
    messages.inc({ outcome: 'retried' }, failed - buried);
    messages.inc({ outcome: 'buried' }, buried);
    samples.inc({ outcome: 'contextualized' }, tally.contextualized);
    samples.inc({ outcome: 'dropped' }, countReasons(drops, tally.dropped));
    stored.inc(tally.stored);
    duration.observe(durationMs / 1000);
  };
}
