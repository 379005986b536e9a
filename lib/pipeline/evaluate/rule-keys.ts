import type { DerivedGroup, DerivedRule } from '../../plan/plan.ts';

/** The name of a group in the state. */
export function groupKey({ file, name }: Pick<DerivedGroup, 'file' | 'name'>): string {
  return `${file};${name}`;
}

/**
 * The names of a group's rules in the state, in their order: kind, name and labels, which stay when lines are added above.
 * Of rules that have all of them in common the second is `#2`.
 */
export function ruleKeys(rules: readonly DerivedRule[]): string[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const name = rule.kind === 'recording' ? rule.record : rule.alert;
    const plain = `${rule.kind} ${name} ${JSON.stringify(rule.labels)}`;
    const count = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, count);
    return count === 1 ? plain : `${plain} #${count}`;
  });
}
