import { METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { RetentionClass } from './interface.ts';

/** What rules write of their alerts, as Prometheus names it. */
const ALERT_METRICS = ['ALERTS', 'ALERTS_FOR_STATE'];

/** The class of a result of rules. */
export function classOfResult(metric: string): RetentionClass {
  return ALERT_METRICS.includes(metric) ? 'alerts' : 'derived';
}

/** Whether series of the class `alerts` can satisfy the matchers: most queries name another metric, and need not look. */
export function mayBeAlerts(matchers: readonly Matcher[]): boolean {
  const ofName = matchers.filter(({ name }) => name === METRIC_NAME);
  return ALERT_METRICS.some((metric) => ofName.every((matcher) => matcher.matches(metric)));
}
