import type { EvaluationOutcome } from '../../lib/pipeline/evaluate.ts';
import { type Instruments, OUTCOMES, outcomeOf } from './instruments.ts';

/** What the evaluator does. */
export function evaluationMetrics(
  make: Instruments,
): (outcomes: readonly EvaluationOutcome[], durationMs: number) => void {
  const runs = make.counterOf('evaluation_runs_total', 'Turns of tenants.', 'outcome', OUTCOMES);
  const rules = make.counter('evaluation_rules_total', 'Evaluations: rules times evaluation times.');
  const ruleFailures = make.counter('evaluation_rule_failures_total', 'Rules that failed when evaluated last.');
  const samples = make.counter('evaluation_samples_total', 'Results of rules that were stored.');
  const skipped = make.counter('evaluation_skipped_seconds_total', 'Time that was passed over after an outage.');
  const lag = make.gauge('evaluation_lag_seconds', 'How far the tenant that is worst off is behind.');
  const duration = make.histogram('evaluation_duration_seconds', 'Time to evaluate what is due of all tenants.');
  return (outcomes, durationMs) => {
    for (const { evaluations, samples: results, failures, skipped: milliseconds, error } of outcomes) {
      runs.inc({ outcome: outcomeOf(failures.length, error) });
      rules.inc(evaluations);
      ruleFailures.inc(failures.length);
      samples.inc(results);
      skipped.inc(milliseconds / 1000);
    }
    lag.set(Math.max(0, ...outcomes.map(({ behind }) => behind)) / 1000);
    duration.observe(durationMs / 1000);
  };
}
