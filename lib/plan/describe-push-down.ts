import { DEFAULT_SCOPE, type ScopeConfig } from '../context/tenant.ts';
import type { DerivedRule, Plan } from './plan.ts';
import { pushDown } from './push-down.ts';

/**
 * What a query source of a scope is asked, as text for people: every question, the rules whose results it gives, and the
 * rules that are not available, with the reason.
 */
export function describePushDown(plan: Plan, scope: ScopeConfig = DEFAULT_SCOPE): string {
  const { rules, queries, overStore, unavailable } = pushDown(plan, scope);
  const stored = overStore.flatMap((group) => group.rules);
  return [
    `plan ${plan.version} for query sources: ${queries.length} questions at most, for ${rules.length} rules`,
    '',
    'ASKED OF THE SERVER, WHERE IT HAS THE METRIC',
    ...queries.map(({ expr }) => `  ${expr}`),
    '',
    'COMPUTED FROM THE ANSWERS',
    ...rules.map(({ rule }) => `  ${nameOf(rule)}`),
    ...section('EVALUATED OVER WHAT IS STORED', stored.map(nameOf)),
    ...section(
      'NOT AVAILABLE FOR QUERY SOURCES',
      unavailable.map(({ rule, reason }) => `${nameOf(rule)}: ${reason}`),
    ),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function nameOf(rule: DerivedRule): string {
  const name = rule.kind === 'recording' ? rule.record : `alert ${rule.alert}`;
  return `${name} (${rule.origin.file}:${rule.origin.line})`;
}
