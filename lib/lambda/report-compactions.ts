import type { CompactionOutcome } from '../pipeline/compact.ts';
import type { EmfMetric } from './emf.ts';
import type { Log } from './log.ts';

/** Logs what one invocation did for each tenant and class. */
export function logCompactions(outcomes: readonly CompactionOutcome[], log: Log): void {
  for (const { error, ...outcome } of outcomes) {
    if (error !== undefined) log.error('cannot compact', { ...outcome, error });
    else if ((outcome.backlog?.epochs ?? 0) > 0) log.warn('compaction is behind', { ...outcome });
    else if (outcome.steps > 0) log.info('compacted', { ...outcome });
  }
}

/** What alarms look at: the largest backlog, in epochs of two hours, and what the work cost. */
export function compactionMetrics(outcomes: readonly CompactionOutcome[]): readonly EmfMetric[] {
  const backlog = Math.max(0, ...outcomes.map((outcome) => outcome.backlog?.epochs ?? 0));
  return [
    { name: 'CompactionBacklog', unit: 'Count', value: backlog },
    { name: 'CompactionSteps', unit: 'Count', value: outcomes.reduce((sum, { steps }) => sum + steps, 0) },
    {
      name: 'CompactionWriteUnits',
      unit: 'Count',
      value: outcomes.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
    },
  ];
}
