import type { QuerySource } from '../../context/tenant.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import { Contextualizer } from '../../plan/contextualizer.ts';
import { outputLabels } from '../../plan/output-labels.ts';
import type { DerivedGroup, DerivedRule, MatcherSpec, Plan } from '../../plan/plan.ts';
import { type PushDown, pushDown } from '../../plan/push-down.ts';
import { readsOf } from '../../plan/push-down-reads.ts';
import { ALERT_NAME, ALERTS, ALERTS_FOR_STATE } from '../../plan/recorded-series.ts';
import { parseExpr } from '../../promql/parse.ts';
import { shownRule } from './explain-normalised.ts';
import type { ShownRule } from './explanation.ts';

/** A derived rule and its group. */
export interface PlacedRule {
  readonly group: DerivedGroup;
  readonly rule: DerivedRule;
}

const MAX_RECORDING_RULES = 20;

/** A plan read backwards: from series to rules. Compiled once, for any number of questions. */
export class PlanReader {
  readonly plan: Plan;
  readonly contextualizer: Contextualizer;
  readonly #placed: readonly PlacedRule[];
  readonly #reads: ReturnType<typeof readsOf>;
  readonly #pushed = new WeakMap<QuerySource, PushDown>();

  /** @throws ParseError, RegexpError where the plan was compiled by other rules than these. */
  constructor(plan: Plan) {
    this.plan = plan;
    this.contextualizer = new Contextualizer(plan, { maxEntries: 1 });
    this.#placed = plan.derived.flatMap((group) => group.rules.map((rule) => ({ group, rule })));
    this.#reads = readsOf(plan);
  }

  /** Derived rules that may give such a series. */
  derivedRules(series: Labels): readonly PlacedRule[] {
    return this.#placed.filter(({ rule }) => mayGive(rule, series));
  }

  /** Rules that record what a selector can find. */
  recordedBy(matchers: readonly Matcher[]): readonly ShownRule[] {
    const { mappings, derived } = this.#reads(matchers);
    return [...mappings.map(shownRule), ...derived.map(shownDerivedRule)].slice(0, MAX_RECORDING_RULES);
  }

  /** Metrics that mapping rules make of a raw one of that name, each once. */
  madeOf(raw: string): readonly string[] {
    const readers = this.plan.mappings.filter(({ matchers }) => matchers.every((one) => mayBeNamed(one, raw)));
    return [...new Set(readers.map(({ record }) => record))];
  }

  /** What is asked of a query source for a rule, in PromQL; empty where the rule is evaluated over the store. */
  questions(source: QuerySource, rule: DerivedRule): readonly string[] {
    let pushed = this.#pushed.get(source);
    if (pushed === undefined) {
      pushed = pushDown(this.plan, source.scope);
      this.#pushed.set(source, pushed);
    }
    const { rules, queries } = pushed;
    const reads = rules.find((one) => one.rule === rule)?.reads ?? [];
    const indexes = new Set(reads.flatMap(({ questions }) => questions.map(({ query }) => query)));
    return [...indexes].flatMap((index) => queries[index]?.expr ?? []);
  }
}

export function shownDerivedRule(rule: DerivedRule): ShownRule {
  const { kind, expr, labels, origin } = rule;
  return { name: rule.kind === 'recording' ? rule.record : rule.alert, kind, expr, labels, origin };
}

function mayBeNamed({ type, name, value }: MatcherSpec, metric: string): boolean {
  return name !== METRIC_NAME || new Matcher(type, name, value).matches(metric);
}

function mayGive(rule: DerivedRule, series: Labels): boolean {
  const name = series.metricName;
  if (rule.kind === 'alerting') {
    if ((name !== ALERTS && name !== ALERTS_FOR_STATE) || series.get(ALERT_NAME) !== rule.alert) return false;
    return Object.entries(rule.labels).every(([label, text]) => text.includes('{{') || series.get(label) === text);
  }
  if (rule.record !== name) return false;
  if (!Object.entries(rule.labels).every(([label, value]) => series.get(label) === value)) return false;
  const possible = outputLabels(parseExpr(rule.expr));
  if (possible === 'any') return true;
  return [...series.withoutMetricName()].every((label) => possible.has(label.name) || label.name in rule.labels);
}
