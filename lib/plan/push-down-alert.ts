import { formatDuration } from '../promql/duration.ts';
import type { DerivedAlertingRule, DerivedRecordingRule, Plan } from './plan.ts';

/** What the expression of a pushed alert gave, as it is stored; `asserts_alert_rule` tells whose it is. */
export const ALERT_CONDITION = 'asserts:alert:condition';
export const ALERT_RULE_LABEL = 'asserts_alert_rule';

/** What tells the alerting rules of a plan apart: their names, with a number where several have one. */
export function alertKeys({ derived }: Pick<Plan, 'derived'>): ReadonlyMap<DerivedAlertingRule, string> {
  const counts = new Map<string, number>();
  const keys = new Map<DerivedAlertingRule, string>();
  for (const rule of derived.flatMap(({ rules }) => rules)) {
    if (rule.kind !== 'alerting') continue;
    const count = (counts.get(rule.alert) ?? 0) + 1;
    counts.set(rule.alert, count);
    keys.set(rule, count === 1 ? rule.alert : `${rule.alert} ${count}`);
  }
  return keys;
}

/** The recording rule that stores what an alert's expression gives. */
export function conditionOf({ expr, level, origin }: DerivedAlertingRule, key: string): DerivedRecordingRule {
  return { kind: 'recording', record: ALERT_CONDITION, expr, labels: { [ALERT_RULE_LABEL]: key }, level, origin };
}

/**
 * The alert over what is stored. It looks back for one interval of the source (ms) and not for five minutes, so that it
 * ends with its condition even where nobody was left to end the series.
 */
export function alertOverStore(rule: DerivedAlertingRule, key: string, interval: number): DerivedAlertingRule {
  const selector = `${ALERT_CONDITION}{${ALERT_RULE_LABEL}=${JSON.stringify(key)}}`;
  const latest = `last_over_time(${selector}[${formatDuration(interval)}])`;
  return { ...rule, expr: `label_replace(${latest}, "${ALERT_RULE_LABEL}", "", "", "")` };
}
