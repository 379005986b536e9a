import type { Matcher } from '../../model/matcher.ts';
import type { DerivedGroup, DerivedRule, KeptRaw, MappingRule, Plan } from '../../plan/plan.ts';
import { readsOf } from '../../plan/push-down-reads.ts';
import { compileMatchers } from '../../plan/selection.ts';
import { selectionTerms } from '../../plan/selection-terms.ts';
import { parseExpr } from '../../promql/parse.ts';
import { resolveTimes } from '../../promql/resolve-times.ts';
import { selectionWindows } from '../../promql/select/selection-windows.ts';
import { selectorsOf } from '../../promql/walk.ts';

/** What a rule is called in a report: its record, or its alert. */
export function nameOf(rule: MappingRule | DerivedRule): string {
  return 'alert' in rule ? rule.alert : rule.record;
}

/**
 * The part of a plan that makes the series of some rules: these rules and all that they read, down to mapping rules and
 * raw series.
 */
export function neededPlan(plan: Plan, wanted: (rule: MappingRule | DerivedRule) => boolean): Plan {
  const reads = readsOf(plan);
  const mappings = new Set<MappingRule>(plan.mappings.filter(wanted));
  const derived = new Set<DerivedRule>();
  const waiting = rulesOf(plan.derived).filter(wanted);
  for (let rule = waiting.pop(); rule !== undefined; rule = waiting.pop()) {
    if (derived.has(rule)) continue;
    derived.add(rule);
    for (const { matchers } of selectorsOf(parseExpr(rule.expr))) {
      const found = reads(matchers);
      for (const mapping of found.mappings) mappings.add(mapping);
      waiting.push(...found.derived);
    }
  }
  const kept = keptFor([...derived], plan.keptRaw);
  const used = plan.mappings.filter((mapping) => mappings.has(mapping));
  return {
    ...plan,
    mappings: used,
    keptRaw: kept,
    derived: withRules(plan.derived, (rule) => derived.has(rule)),
    selection: selectionTerms([...used, ...kept], plan.relabelConfigs),
  };
}

/** The groups with these of their rules; groups without any are left out. */
export function withRules(groups: readonly DerivedGroup[], wanted: (rule: DerivedRule) => boolean): DerivedGroup[] {
  return groups.flatMap((group) => {
    const rules = group.rules.filter(wanted);
    return rules.length === 0 ? [] : [{ ...group, rules }];
  });
}

export function rulesOf(groups: readonly DerivedGroup[]): DerivedRule[] {
  return groups.flatMap(({ rules }) => rules);
}

/** How far before an evaluation time rules look, ms, those included that they read. */
export function reachOf(groups: readonly DerivedGroup[], interval: number): number {
  const options = { lookbackDelta: 5 * 60_000, defaultSubqueryStep: interval };
  const times = { start: 0, end: 0, step: 0 };
  const reaches = groups.flatMap(({ rules, queryOffset = 0 }) =>
    rules.map(({ expr, level }) => {
      const windows = selectionWindows(resolveTimes(parseExpr(expr), times), times, options);
      return queryOffset + Math.max(0, ...windows.map(({ mint }) => -mint)) * (level + 1);
    }),
  );
  return Math.max(0, ...reaches);
}

function keptFor(derived: readonly DerivedRule[], keptRaw: readonly KeptRaw[]): KeptRaw[] {
  const selectors = derived.flatMap(({ expr }) => selectorsOf(parseExpr(expr)).map(({ matchers }) => textOf(matchers)));
  const read = new Set(selectors);
  return keptRaw.filter(({ matchers }) => read.has(textOf(compileMatchers(matchers))));
}

function textOf(matchers: readonly Matcher[]): string {
  return matchers.map(String).sort().join();
}
