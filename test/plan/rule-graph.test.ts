import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';

/** Groups of rules, one a line: `group: record = expr`. */
function plan(lines: string): Plan {
  const groups = new Map<string, string[]>();
  for (const line of lines.trim().split('\n')) {
    const [, group = '', record = '', expr = ''] = /^\s*(\w+): ([\w:]+) = (.*)$/.exec(line) ?? [];
    const list = groups.get(group) ?? [];
    groups.set(group, list);
    list.push(`      - {record: ${JSON.stringify(record)}, expr: ${JSON.stringify(expr)}}`);
  }
  const text = `groups:\n${[...groups].map(([name, rules]) => `  - name: ${name}\n    rules:\n${rules.join('\n')}\n`).join('')}`;
  const ruleFiles = [parseRuleFile('r.yml', text)];
  return compilePlan({ packs: [{ name: 'test', description: '', strict: false, ruleFiles, relabelFiles: [] }] });
}

function levels(lines: string): Record<string, number> {
  const rules = plan(lines).derived.flatMap((group) => group.rules);
  return Object.fromEntries(rules.map((rule) => [rule.kind === 'recording' ? rule.record : rule.alert, rule.level]));
}

describe('levels of rules', () => {
  it('lie above everything that a rule reads from another group', () => {
    expect(levels('a: c = sum(b)\nb: b = sum(a)\nc: a = sum(foo)\nd: d = sum(c) + sum(a)\ne: e = sum(foo)')).toEqual({
      a: 0,
      b: 1,
      c: 2,
      d: 3,
      e: 0,
    });
  });

  it('stay where rules of one group follow each other, and never fall within a group', () => {
    expect(levels('a: a = sum(foo)\na: b = sum(a)\nb: c = sum(b)\na: d = sum(bar)')).toEqual({
      a: 0,
      b: 0,
      c: 1,
      d: 0,
    });
    expect(levels('a: a = sum(c)\na: b = sum(foo)\nb: c = sum(foo)')).toEqual({ a: 1, b: 1, c: 0 });
  });

  it('let two groups take turns', () => {
    expect(levels('a: a1 = sum(foo)\na: a2 = sum(b1)\nb: b1 = sum(a1)\nb: b2 = sum(a2)')).toEqual({
      a1: 0,
      b1: 1,
      a2: 2,
      b2: 3,
    });
  });

  it('count names that only match as read', () => {
    expect(levels('a: x = sum({__name__=~"job:.*"})\nb: job:foo = sum(foo)')).toEqual({ x: 1, 'job:foo': 0 });
    expect(() => plan('a: x = sum({job="api"})\nb: y = sum(x) by (job)\nc: z = sum({job="api"})')).toThrow(
      /feed on each other/,
    );
  });

  it('know the labels that an aggregation leaves', () => {
    // `x` has no label job, so the selector cannot find it.
    expect(levels('a: x = sum by (env) ({job="api"})')).toEqual({ x: 0 });
  });

  it('refuse circles, and tell the way round', () => {
    expect(() => plan('a: a = sum(a)')).toThrow(
      'r.yml:4: expr: rules feed on each other: a reads a (r.yml:4); no rule can be evaluated first; take one of them out of the circle',
    );
    expect(() => plan('a: a = sum(b)\nb: b = sum(c)\nc: c = sum(a)')).toThrow(
      'rules feed on each other: a reads b (r.yml:7), which reads c (r.yml:10), which reads a (r.yml:4)',
    );
    expect(() => plan('a: a = sum(b)\na: b = sum(foo)')).toThrow(
      /a reads b \(r\.yml:5\), which comes after a \(r\.yml:4\); move the rule that is read before the one that reads it/,
    );
  });
});
