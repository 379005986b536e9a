import type { ScopeConfig } from '../context/tenant.ts';
import { parseExpr } from '../promql/parse.ts';
import { printExpr } from '../promql/print.ts';
import { selectorsOf } from '../promql/walk.ts';
import type { DerivedAlertingRule, DerivedGroup, DerivedRecordingRule, DerivedRule, Plan } from './plan.ts';
import { alertKeys, alertOverStore, conditionOf } from './push-down-alert.ts';
import { cutExpr } from './push-down-cut.ts';
import { type PushedQuery, QueryDrafts } from './push-down-queries.ts';
import { NotPushedError, type PushedRead } from './push-down-read.ts';
import { type Reads, readsOf } from './push-down-reads.ts';

/** A rule whose raw part the user's server computes; the rest is computed here, over its answers. */
export interface PushedRule {
  /** Of an alert: the rule that records its condition. */
  readonly rule: DerivedRecordingRule;
  /** Most series that the rule may give; 0 for no limit. */
  readonly limit: number;
  /** PromQL over the reads (`{__read__="0"}`) and over what other pushed rules gave for the same time. */
  readonly expr: string;
  readonly reads: readonly PushedRead[];
  /** Records of other pushed rules that it reads. */
  readonly after: readonly string[];
}

/** A rule that a query source cannot serve, and why. */
export interface UnavailableRule {
  readonly rule: DerivedRule;
  readonly reason: string;
}

/** What becomes of the derived rules of a plan where no raw series is stored. */
export interface PushDown {
  /** In the order in which they are computed. */
  readonly rules: readonly PushedRule[];
  /** What the server is asked, each question once however many rules need its answer. */
  readonly queries: readonly PushedQuery[];
  /** Rules that read only what is stored, alerts over their recorded conditions among them: `evaluate` runs these. */
  readonly overStore: readonly DerivedGroup[];
  readonly unavailable: readonly UnavailableRule[];
}

/**
 * Splits the derived rules of a plan between the user's server and us. The server computes everything up to the first
 * aggregation of each raw series, grouped by whatever scope, relabel configs and mapping rules look at; names and contexts
 * are given to the groups here, by the code that names series of the other sources, and the rule's own aggregation over
 * the groups gives what it would have given over the series. Where that is not exact, the server is asked series by
 * series; where even that is not, the rule is unavailable.
 *
 * @throws ParseError, RegexpError where the plan was compiled by other rules than these.
 */
export function pushDown(plan: Plan, scope: ScopeConfig, interval = DEFAULT_INTERVAL): PushDown {
  const sorted = new Sorter(plan, scope, interval);
  const all = plan.derived.flatMap((group) => group.rules.map((rule) => ({ group, rule })));
  const ordered = all.map((one, index) => ({ ...one, index }));
  ordered.sort((a, b) => a.rule.level - b.rule.level || a.index - b.index);
  for (const { group, rule } of ordered) sorted.add(group, rule);
  return sorted.result();
}

/**
 * What `evaluate` runs over a store that only query sources fill.
 * @param interval of the sources, ms; the longest where there are several.
 */
export function overStorePlan(plan: Plan, interval: number): Pick<Plan, 'version' | 'derived'> {
  return { version: plan.version, derived: pushDown(plan, NO_SCOPE, interval).overStore };
}

const DEFAULT_INTERVAL = 60_000;

/** Which rules are pushed does not depend on the scope. */
const NO_SCOPE: ScopeConfig = { env: { labels: [] }, site: { labels: [] } };

class Sorter {
  readonly #plan: Plan;
  readonly #scope: ScopeConfig;
  readonly #reads: Reads;
  readonly #drafts = new QueryDrafts();
  readonly #rules: PushedRule[] = [];
  /** By the rule of the plan, what is evaluated in its place. */
  readonly #overStore = new Map<DerivedRule, DerivedRule>();
  readonly #alertKeys: ReadonlyMap<DerivedAlertingRule, string>;
  readonly #interval: number;
  readonly #unavailable: UnavailableRule[] = [];

  constructor(plan: Plan, scope: ScopeConfig, interval: number) {
    this.#interval = interval;
    this.#alertKeys = alertKeys(plan);
    this.#plan = plan;
    this.#scope = scope;
    this.#reads = readsOf(plan);
  }

  add(group: DerivedGroup, rule: DerivedRule): void {
    try {
      this.#sort(group, rule);
    } catch (error) {
      if (!(error instanceof NotPushedError)) throw error;
      this.#unavailable.push({ rule, reason: error.message });
    }
  }

  result(): PushDown {
    const { queries, settle } = this.#drafts.merge();
    return {
      rules: this.#rules.map((rule) => ({ ...rule, reads: rule.reads.map(settle) })),
      queries,
      overStore: this.#plan.derived.flatMap((group) => {
        const rules = group.rules.flatMap((rule) => this.#overStore.get(rule) ?? []);
        return rules.length === 0 ? [] : [{ ...group, rules }];
      }),
      unavailable: this.#unavailable,
    };
  }

  #sort(group: DerivedGroup, rule: DerivedRule): void {
    const ast = parseExpr(rule.expr);
    const found = selectorsOf(ast).map(({ matchers }) => this.#reads(matchers));
    const readsRaw = found.some(({ mappings, raw }) => mappings.length + raw.length > 0);
    const derived = found.flatMap((one) => one.derived);
    if (!readsRaw) {
      this.#keepOverStore(rule, derived);
      return;
    }
    if (group.queryOffset !== undefined && group.queryOffset !== 0) {
      throw new NotPushedError('its group has a query_offset, and a query source has its own delay');
    }
    this.#checkOrder(derived);
    const recorded = rule.kind === 'recording' ? rule : conditionOf(rule, this.#keyOf(rule));
    const cut = cutExpr(ast, { reads: this.#reads, plan: this.#plan, scope: this.#scope, drafts: this.#drafts });
    this.#rules.push({
      rule: recorded,
      // Alerts are counted when they are evaluated.
      limit: rule.kind === 'recording' ? group.limit : 0,
      expr: printExpr(cut.expr),
      reads: cut.reads,
      after: [...new Set(derived.flatMap((other) => (other.kind === 'recording' ? [other.record] : [])))],
    });
    if (rule.kind === 'alerting') this.#overStore.set(rule, alertOverStore(rule, this.#keyOf(rule), this.#interval));
  }

  /** Something that is not there cannot be read, and would be taken for something that is not. */
  #keepOverStore(rule: DerivedRule, derived: readonly DerivedRule[]): void {
    const missing = derived.length > 0 && derived.every((other) => this.#isUnavailable(other));
    if (missing) throw new NotPushedError(`it reads ${derived.map(nameOf).join(', ')}, which is not available`);
    this.#overStore.set(rule, rule);
  }

  #checkOrder(derived: readonly DerivedRule[]): void {
    for (const other of derived) {
      if (this.#isUnavailable(other)) throw new NotPushedError(`it reads ${nameOf(other)}, which is not available`);
      if (this.#overStore.has(other)) {
        throw new NotPushedError(`it reads raw series and ${nameOf(other)}, which is computed later, over the store`);
      }
    }
  }

  #keyOf(rule: DerivedAlertingRule): string {
    const key = this.#alertKeys.get(rule);
    if (key === undefined) throw new Error(`BUG: the plan does not have the alert ${rule.alert}`);
    return key;
  }

  #isUnavailable(rule: DerivedRule): boolean {
    return this.#unavailable.some((one) => one.rule === rule);
  }
}

function nameOf(rule: DerivedRule): string {
  return rule.kind === 'recording' ? rule.record : `alert ${rule.alert}`;
}
