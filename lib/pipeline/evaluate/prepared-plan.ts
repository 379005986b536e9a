import type { OutputLabels } from '../../plan/output-labels.ts';
import { outputLabels } from '../../plan/output-labels.ts';
import type { DerivedAlertingRule, DerivedGroup, DerivedRecordingRule, Plan } from '../../plan/plan.ts';
import { selectedNames } from '../../plan/recorded-series.ts';
import type { Expr } from '../../promql/ast.ts';
import { parseExpr } from '../../promql/parse.ts';
import { resolveTimes } from '../../promql/resolve-times.ts';
import { selectionWindows, type WindowOptions } from '../../promql/select/selection-windows.ts';
import { walk } from '../../promql/walk.ts';
import type { AlertTemplate } from '../../rules/template/alert-template.ts';
import { parseAlertTemplate } from '../../rules/template/parse-alert-template.ts';
import { groupKey, ruleKeys } from './rule-keys.ts';

interface Prepared {
  /** Names the rule in the state of its group. */
  readonly key: string;
  /** Several times can be computed as one range query. */
  readonly allowsRange: boolean;
  /** Metric names that the rule reads not far back, and how far (ms). */
  readonly reads: { readonly names: ReadonlySet<string>; readonly reach: number };
}

export interface PreparedRecordingRule extends Prepared {
  readonly rule: DerivedRecordingRule;
  /** Which labels a series of the rule may have, its own included. */
  readonly possible: OutputLabels;
  /** How long (ms) after its last sample a series is seen that no marker ends. */
  readonly visibleFor: number;
}

export interface PreparedAlertingRule extends Prepared {
  readonly rule: DerivedAlertingRule;
  readonly labels: readonly (readonly [name: string, template: AlertTemplate])[];
  readonly annotations: readonly (readonly [name: string, template: AlertTemplate])[];
}

export type PreparedRule = PreparedRecordingRule | PreparedAlertingRule;

export interface PreparedGroup {
  /** Names the group in the state: `file;name`. */
  readonly key: string;
  readonly group: DerivedGroup;
  /** ms. */
  readonly interval: number;
  readonly rules: readonly PreparedRule[];
}

/** The derived rules of a plan made ready to run: parsed once, for all tenants and all invocations. */
export interface PreparedPlan {
  readonly version: string;
  readonly groups: readonly PreparedGroup[];
  /** Levels that occur, ascending. */
  readonly levels: readonly number[];
}

export interface PrepareOptions {
  /** For groups without one, and the step of subqueries that name none; ms. */
  readonly interval: number;
  /** Of the engine, ms; absent: its default. */
  readonly lookbackDelta?: number;
}

/** Of Prometheus and of our engine, ms. */
const DEFAULT_LOOKBACK_DELTA = 5 * 60_000;

/** @throws ParseError, TemplateError where the plan was compiled by other rules than these. */
export function preparePlan(
  { version, derived }: Pick<Plan, 'version' | 'derived'>,
  { interval, lookbackDelta = DEFAULT_LOOKBACK_DELTA }: PrepareOptions,
): PreparedPlan {
  const groups = derived.map((group) =>
    prepareGroup(group, interval, { lookbackDelta, defaultSubqueryStep: interval }),
  );
  const levels = new Set(derived.flatMap(({ rules }) => rules.map(({ level }) => level)));
  return { version, groups, levels: [...levels].sort((a, b) => a - b) };
}

function prepareGroup(group: DerivedGroup, interval: number, options: WindowOptions): PreparedGroup {
  const keys = ruleKeys(group.rules);
  const rules = group.rules.map((rule, i) => prepareRule(rule, keys[i] as string, options));
  return { key: groupKey(group), group, interval: group.interval ?? interval, rules };
}

function prepareRule(
  rule: DerivedRecordingRule | DerivedAlertingRule,
  key: string,
  options: WindowOptions,
): PreparedRule {
  const expr = parseExpr(rule.expr);
  const prepared = { key, allowsRange: allowsRange(expr), reads: nearReads(expr, options) };
  if (rule.kind === 'alerting') {
    return { ...prepared, rule, labels: templates(rule.labels), annotations: templates(rule.annotations) };
  }
  const possible = outputLabels(expr);
  return {
    ...prepared,
    rule,
    possible: possible === 'any' ? possible : new Set([...possible, ...Object.keys(rule.labels)]),
    visibleFor: options.lookbackDelta,
  };
}

function templates(texts: Readonly<Record<string, string>>): [string, AlertTemplate][] {
  return Object.entries(texts).map(([name, text]) => [name, parseAlertTemplate(text)]);
}

/** `@ start()` and `@ end()` are the evaluation time itself in an instant query, and something else in a range query. */
function allowsRange(expr: Expr): boolean {
  return [...walk(expr)].every((node) => !('startOrEnd' in node) || node.startOrEnd === undefined);
}

/** What is read from further back than this is read by itself. Most windows are of five minutes. */
const MAX_SHARED_REACH_MS = 15 * 60_000;

function nearReads(expr: Expr, options: WindowOptions): Prepared['reads'] {
  const bounds = { start: 0, end: 0 };
  const windows = selectionWindows(resolveTimes(expr, { ...bounds, step: 0 }), bounds, options);
  const near = windows.filter(({ mint, maxt }) => maxt <= 0 && -mint <= MAX_SHARED_REACH_MS);
  const names = near.flatMap(({ selector }) => selectedNames(selector.matchers) ?? []);
  return { names: new Set(names), reach: Math.max(0, ...near.map(({ mint }) => -mint)) };
}
