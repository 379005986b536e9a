import { formatFloat } from '../../model/format-float.ts';
import type { DerivedAlertingRule, DerivedGroup, DerivedRecordingRule, DerivedRule } from '../../plan/plan.ts';
import type { GroupStatus, RuleStatus } from '../../storage/rule-state.ts';
import { jsonString } from '../json/json-string.ts';
import type { JsonWriter } from '../json/json-writer.ts';
import { formatGoTime } from './go-time.ts';
import { writeAlert, writeLabelMap } from './write-alert.ts';

/** A rule and what is known of it; nothing before its first evaluation. */
export interface ListedRule {
  readonly rule: DerivedRule;
  readonly status: RuleStatus | undefined;
}

export interface ListedGroup {
  readonly group: DerivedGroup;
  readonly status: GroupStatus | undefined;
  readonly rules: readonly ListedRule[];
}

/** A group with its rules, key by key as Prometheus writes it. `interval` (ms) is for groups that name none. */
export function writeRuleGroup(out: JsonWriter, listed: ListedGroup, interval: number, excludeAlerts: boolean): void {
  const { group, status, rules } = listed;
  out.write(`{"name":${jsonString(group.name)},"file":${jsonString(group.file)},"rules":[`);
  for (const [i, { rule, status: ofRule }] of rules.entries()) {
    if (i > 0) out.write(',');
    if (rule.kind === 'recording') writeRecordingRule(out, rule, ofRule);
    else writeAlertingRule(out, rule, ofRule, excludeAlerts);
  }
  out.write(`],"interval":${seconds(group.interval ?? interval)},"limit":${group.limit}`);
  out.write(`,${evaluationOf(status?.evaluationSeconds, status?.lastEvaluation)}}`);
}

function writeRecordingRule(out: JsonWriter, rule: DerivedRecordingRule, status: RuleStatus | undefined): void {
  out.write(`{"name":${jsonString(rule.record)},"query":${jsonString(rule.expr)}`);
  if (Object.keys(rule.labels).length > 0) {
    out.write(',"labels":');
    writeLabelMap(out, rule.labels);
  }
  out.write(`${healthOf(status)},"type":"recording"}`);
}

function writeAlertingRule(
  out: JsonWriter,
  rule: DerivedAlertingRule,
  status: RuleStatus | undefined,
  excludeAlerts: boolean,
): void {
  const alerts = status?.alerts ?? [];
  const isFiring = alerts.some(({ state }) => state === 'firing');
  const state = isFiring ? 'firing' : alerts.length > 0 ? 'pending' : 'inactive';
  out.write(`{"state":"${state}","name":${jsonString(rule.alert)},"query":${jsonString(rule.expr)}`);
  out.write(`,"duration":${seconds(rule.for)},"keepFiringFor":${seconds(rule.keepFiringFor)},"labels":`);
  writeLabelMap(out, rule.labels);
  out.write(',"annotations":');
  writeLabelMap(out, rule.annotations);
  out.write(',"alerts":');
  // An absent list in Go, hence null.
  if (excludeAlerts) out.write('null');
  else {
    out.write('[');
    for (const [i, alert] of alerts.entries()) {
      if (i > 0) out.write(',');
      writeAlert(out, alert);
    }
    out.write(']');
  }
  out.write(`${healthOf(status)},"type":"alerting"}`);
}

function healthOf(status: RuleStatus | undefined): string {
  const lastError = status?.lastError === undefined ? '' : `,"lastError":${jsonString(status.lastError)}`;
  const evaluation = evaluationOf(status?.evaluationSeconds, status?.lastEvaluation);
  return `,"health":"${status?.health ?? 'unknown'}"${lastError},${evaluation}`;
}

/** Prometheus tells nanoseconds, so no more than nine digits are shown here either. */
function evaluationOf(evaluationSeconds = 0, lastEvaluation?: number): string {
  const duration = formatFloat(Number(evaluationSeconds.toFixed(9)));
  return `"evaluationTime":${duration},"lastEvaluation":"${formatGoTime(lastEvaluation)}"`;
}

function seconds(ms: number): string {
  return formatFloat(ms / 1000);
}
