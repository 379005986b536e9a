import type { ActiveAlert, EvaluationState, RuleStatus } from '../../storage/rule-state.ts';

/**
 * The state after time (ms) that no evaluation makes up for. Nobody knows what was true in it, so a pending alert does
 * not wait through it: as after a restart of Prometheus it has waited as long as it had before.
 */
export function passOver(state: EvaluationState, skipped: number): EvaluationState {
  const groups = mapValues(state.groups, (group) => ({
    ...group,
    rules: mapValues(group.rules, (rule: RuleStatus) => ({ ...rule, alerts: rule.alerts.map(later(skipped)) })),
  }));
  return { ...state, skipped: state.skipped + skipped, groups };
}

function later(skipped: number): (alert: ActiveAlert) => ActiveAlert {
  return (alert) => (alert.state === 'pending' ? { ...alert, activeAt: alert.activeAt + skipped } : alert);
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
