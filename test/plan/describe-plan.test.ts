import { describe, expect, it } from 'vitest';
import { describePlan, formatSelector } from '../../lib/plan/describe-plan.ts';
import { planOf } from './fixture.ts';

describe('describePlan', () => {
  it('shows packs, rules by record and what passes the door', () => {
    const plan = planOf(
      'b{x="1"} = label_replace(foo{a="1"} / 1000, "c", "", "d", "")\na = bar\nb = label_join(bar * 2, "x", "", "y", "z")',
    );
    expect(
      describePlan(plan),
    ).toBe(`plan ${plan.version}: 3 mapping rules, 0 derived rules, 0 relabel configs, 2 selectors at the door

PACKS
  test  3 rules  0 relabel configs

a
  bar    rules.yml:5

b
  foo{a="1"} / 1000 label_replace(c <- d)  x=1  rules.yml:4
  bar * 2 label_join(x <- y, z)                 rules.yml:6

SELECTED AT THE DOOR
  foo{a="1"}
  bar
`);
  });

  it('says when names cannot be selected by', () => {
    expect(describePlan(planOf('a = foo', '[{target_label: __name__, replacement: foo}]'))).toMatch(
      /everything that is sent passes the door\.\n$/,
    );
  });
});

describe('formatSelector', () => {
  it('writes selectors as PromQL', () => {
    expect(formatSelector([{ type: '=', name: '__name__', value: 'x' }])).toBe('x');
    expect(formatSelector([{ type: '=~', name: '__name__', value: 'x.*' }])).toBe('{__name__=~"x.*"}');
    expect(
      formatSelector([
        { type: '!=', name: 'a', value: '"' },
        { type: '=', name: '__name__', value: 'x' },
      ]),
    ).toBe('x{a!="\\""}');
  });
});
