import type { ScopeConfig } from '../context/tenant.ts';
import type { DerivedRule, Plan } from './plan.ts';
import { type PushedRule, pushDown } from './push-down.ts';
import { ALERT_RULE_LABEL } from './push-down-alert.ts';

/**
 * What a query source of a scope is asked, as text for people: every question with a number, the rules with the numbers
 * of theirs, and the rules that are not available, with the reason.
 */
export function describePushDown(plan: Plan, scope: ScopeConfig): string {
  const { rules, queries, overStore, unavailable } = pushDown(plan, scope);
  const stored = overStore.flatMap((group) => group.rules);
  return [
    `plan ${plan.version} for query sources: ${queries.length} questions at most, for ${rules.length} rules`,
    '',
    'ASKED OF THE SERVER, WHERE IT HAS THE METRIC',
    ...queries.map(({ expr }, i) => `  ${numberOf(i)}  ${expr}`),
    '',
    'COMPUTED FROM THE ANSWERS',
    ...rules.map((rule) => `  ${nameOf(rule.rule)}: ${needsOf(rule)}`),
    ...section('EVALUATED OVER WHAT IS STORED', stored.map(nameOf)),
    ...section(
      'NOT AVAILABLE FOR QUERY SOURCES',
      unavailable.map(({ rule, reason }) => `${nameOf(rule)}: ${reason}`),
    ),
    '',
  ].join('\n');
}

/** The questions, and the records of other rules, that a rule is computed from. */
function needsOf({ reads, after }: PushedRule): string {
  const numbers = new Set(reads.flatMap(({ questions }) => questions.map(({ query }) => query)));
  return [...[...numbers].sort((a, b) => a - b).map(numberOf), ...after].join(', ');
}

function numberOf(query: number): string {
  return `Q${query + 1}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function nameOf(rule: DerivedRule): string {
  const condition = rule.labels[ALERT_RULE_LABEL];
  const recorded = rule.kind === 'recording' && condition !== undefined ? `condition of alert ${condition}` : '';
  const name = rule.kind === 'recording' ? recorded || rule.record : `alert ${rule.alert}`;
  return `${name} (${rule.origin.file}:${rule.origin.line})`;
}
