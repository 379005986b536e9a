import type { EvaluationOutcome } from '../pipeline/evaluate.ts';
import type { EmfMetric } from './emf.ts';
import type { Log } from './log.ts';

/** Logs what one invocation did for each tenant; what went well only in detail. */
export function logEvaluations(outcomes: readonly EvaluationOutcome[], log: Log): void {
  for (const { error, failures, ownSeriesError, ...counts } of outcomes) {
    for (const failure of failures) log.warn('a rule failed', { tenant: counts.tenant, ...failure });
    if (ownSeriesError !== undefined) {
      log.warn('cannot write series about ourselves', { tenant: counts.tenant, error: ownSeriesError });
    }
    if (counts.skipped > 0) log.warn('evaluations were skipped', counts);
    if (error !== undefined) log.error('cannot evaluate the rules of a tenant', { ...counts, error });
    else log.debug('evaluated', counts);
  }
}

/** What alarms look at: the tenant that is worst off decides. */
export function evaluationMetrics(outcomes: readonly EvaluationOutcome[], durationMs: number): readonly EmfMetric[] {
  const sum = (of: (outcome: EvaluationOutcome) => number) => outcomes.reduce((total, one) => total + of(one), 0);
  return [
    { name: 'EvaluationLag', unit: 'Seconds', value: Math.max(0, ...outcomes.map(({ behind }) => behind)) / 1000 },
    { name: 'EvaluationsSkipped', unit: 'Seconds', value: sum(({ skipped }) => skipped) / 1000 },
    { name: 'EvaluationDuration', unit: 'Milliseconds', value: durationMs },
    { name: 'RulesFailed', unit: 'Count', value: sum(({ failures }) => failures.length) },
    { name: 'SamplesDerived', unit: 'Count', value: sum(({ samples }) => samples) },
  ];
}
