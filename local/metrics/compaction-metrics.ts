import type { CompactionOutcome } from '../../lib/pipeline/compact.ts';
import type { Instruments } from './instruments.ts';

/** What the compactor does. */
export function compactionMetrics(
  make: Instruments,
): (outcomes: readonly CompactionOutcome[], durationMs: number) => void {
  const steps = make.counter('compaction_steps_total', 'Steps of compaction.');
  const failures = make.counter('compaction_failures_total', 'Compactions that ended early.');
  const samples = make.counter('compaction_samples_total', 'Samples that compaction wrote.');
  const bytes = make.counter('compaction_bytes_total', 'Bytes that compaction wrote.');
  const writeUnits = make.counter('compaction_write_units_total', 'Write units that AWS would bill for them.');
  const backlog = make.gauge('compaction_backlog_epochs', 'Closed epochs of two hours that wait, of the worst class.');
  const duration = make.histogram('compaction_duration_seconds', 'Time to compact what there is of all tenants.');
  return (outcomes, durationMs) => {
    for (const outcome of outcomes) {
      steps.inc(outcome.steps);
      samples.inc(outcome.samplesWritten);
      bytes.inc(outcome.bytesWritten);
      writeUnits.inc(outcome.writeUnits);
      if (outcome.error !== undefined) failures.inc();
    }
    backlog.set(Math.max(0, ...outcomes.map((outcome) => outcome.backlog?.epochs ?? 0)));
    duration.observe(durationMs / 1000);
  };
}
