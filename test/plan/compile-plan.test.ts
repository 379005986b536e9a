import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import { packOf, planOf, rulesOf } from './fixture.ts';

function mistakes(lines: string, relabel = '[]', strict = false): string[] {
  try {
    compilePlan({ packs: [packOf(rulesOf(lines), relabel, strict)] });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('compilePlan', () => {
  it('is plain JSON and the same for the same rules', () => {
    const plan = planOf('a{x="1"} = foo / 2\nb = bar', '[{source_labels: [a], target_label: b}]');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(planOf('a{x="1"} = foo / 2\nb = bar', '[{source_labels: [a], target_label: b}]')).toEqual(plan);
    expect(planOf('a{x="2"} = foo / 2\nb = bar').version).not.toBe(plan.version);
    expect(plan.version).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps where everything was written', () => {
    const plan = planOf('a = foo\nb = bar', '\n  - {target_label: x}');
    expect(plan.mappings[1]?.origin).toEqual({ pack: 'test', file: 'rules.yml', line: 5, group: 'test' });
    expect(plan.relabelConfigs[0]?.origin).toEqual({ pack: 'test', file: 'relabel.yml', line: 2 });
  });

  it('describes the metrics that are recorded', () => {
    const rule = 'asserts:request:total{asserts_source="x",asserts_request_type="inbound"} = foo\nown:total = bar';
    expect(planOf(rule).metadata).toMatchObject([
      { metricFamilyName: 'asserts:request:total', type: 'counter', unit: 'requests' },
      { metricFamilyName: 'own:total', type: 'unknown' },
    ]);
  });

  it('reports everything at once, in strict packs the vocabulary too', () => {
    expect(
      mistakes(
        'nonsense = foo\nasserts:request:total{asserts_sourc="x"} = bar\nalso = rate(x[1m])',
        '[{target_label: asserts_evn}]',
        true,
      ),
    ).toEqual([
      expect.stringMatching(
        /^relabel\.yml:1: target_label: asserts_evn is not a context label \(did you mean asserts_env\?\)/,
      ),
      expect.stringMatching(/^rules\.yml:4: record: nonsense is not a contextualized metric/),
      expect.stringMatching(/^rules\.yml:5: labels: .* needs the label asserts_request_type/),
      expect.stringMatching(/^rules\.yml:5: labels: .* needs the label asserts_source/),
      expect.stringMatching(/^rules\.yml:5: labels\.asserts_sourc: .*did you mean asserts_source/),
      expect.stringMatching(/^rules\.yml:6: record: also is not a contextualized metric/),
    ]);
  });

  it('refuses what could only fail when it is evaluated', () => {
    expect(mistakes('a = label_replace(foo, "x", "", "y", "(")')[0]).toMatch(
      /^rules\.yml:4: expr: label_replace: error parsing regexp/,
    );
    expect(mistakes('a = label_join(foo, "", "-", "y")')[0]).toMatch(/writes to a label without a name/);
  });

  it('refuses a rule that is written twice', () => {
    expect(mistakes('a = foo\na = foo')).toEqual([
      'rules.yml:5: record: this rule is already at rules.yml:4; remove one of the two',
    ]);
  });
});
