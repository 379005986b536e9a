import { METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { AlertingRule, RecordingRule } from '../rules/rule-group.ts';
import { type OutputLabels, outputLabels } from './output-labels.ts';

/** The series that an alerting rule writes about itself. */
export const ALERTS = 'ALERTS';
export const ALERTS_FOR_STATE = 'ALERTS_FOR_STATE';
export const ALERT_NAME = 'alertname';

/** What is known of the series that a rule writes, before there is any data. */
export interface RecordedSeries {
  readonly names: readonly string[];
  /** Labels whose value the rule fixes; `''` where it removes the label. */
  readonly labels: Readonly<Record<string, string>>;
  /** Every other label that they may have. */
  readonly possible: OutputLabels;
}

/** The series of a rule. A label with a template has no fixed value. */
export function recordedSeries(rule: RecordingRule | AlertingRule): RecordedSeries {
  if (rule.kind === 'recording') {
    return { names: [rule.record], labels: rule.labels, possible: outputLabels(rule.ast) };
  }
  const fixed = Object.entries(rule.labels).filter(([, value]) => !value.includes('{{'));
  const labels = { ...Object.fromEntries(fixed), [ALERT_NAME]: rule.alert };
  return { names: [ALERTS, ALERTS_FOR_STATE], labels, possible: 'any' };
}

/** Whether a selector may find such series. Labels that are not fixed may have any value. */
export function maySelect(matchers: readonly Matcher[], series: RecordedSeries): boolean {
  return matchers.every((matcher) => {
    if (matcher.name === METRIC_NAME) return series.names.some((name) => matcher.matches(name));
    const value = fixedValue(series, matcher.name);
    return value === undefined || matcher.matches(value);
  });
}

/** Whether two rules may write one and the same series: a name in common, and no label that keeps them apart. */
export function mayCoincide(a: RecordedSeries, b: RecordedSeries): boolean {
  if (!a.names.some((name) => b.names.includes(name))) return false;
  return [...Object.keys(a.labels), ...Object.keys(b.labels)].every((name) => {
    const [left, right] = [fixedValue(a, name), fixedValue(b, name)];
    return left === undefined || right === undefined || left === right;
  });
}

/** `''` where the series cannot have the label; undefined where only the data tells. */
function fixedValue({ labels, possible }: RecordedSeries, name: string): string | undefined {
  const value = labels[name];
  if (value !== undefined) return value;
  return possible === 'any' || possible.has(name) ? undefined : '';
}

/** The only metric names that a selector can find; undefined where they cannot be listed. */
export function selectedNames(matchers: readonly Matcher[]): readonly string[] | undefined {
  const named = matchers.filter(({ name }) => name === METRIC_NAME);
  const set = named.map(({ setMatches }) => setMatches).find((names) => names !== undefined);
  return set?.filter((name) => named.every((matcher) => matcher.matches(name)));
}
