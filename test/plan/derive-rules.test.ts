import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { describePlan } from '../../lib/plan/describe-plan.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { series } from '../model/series.ts';
import { packOf, planOf, rulesOf, SCOPE } from './fixture.ts';

function mistakes(rules: string, strict = false): string[] {
  try {
    compilePlan({ packs: [packOf(rules, '[]', strict)] });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

const GROUP = `groups:
  - name: g
    interval: 30s
    query_offset: 10s
    limit: 7
    labels: {team: a}
    rules:
      - {record: "job:foo:rate", expr: "sum by(job)(rate( foo [5m] ))", labels: {b: "1", a: "2"}}
      - alert: High
        expr: job:foo:rate > 5
        for: 2m
        keep_firing_for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $value }}"}
`;

describe('derived rules of a plan', () => {
  it('hold everything an evaluator needs, as plain JSON that the version covers', () => {
    const plan = compilePlan({ packs: [packOf(GROUP)] });
    expect(plan.mappings).toEqual([]);
    expect(plan.derived).toEqual([
      {
        name: 'g',
        file: 'rules.yml',
        interval: 30_000,
        queryOffset: 10_000,
        limit: 7,
        rules: [
          {
            kind: 'recording',
            record: 'job:foo:rate',
            expr: 'sum by (job) (rate(foo[5m]))',
            labels: { a: '2', b: '1', team: 'a' },
            level: 0,
            origin: { pack: 'test', file: 'rules.yml', line: 8, group: 'g' },
          },
          {
            kind: 'alerting',
            alert: 'High',
            expr: 'job:foo:rate > 5',
            for: 120_000,
            keepFiringFor: 60_000,
            labels: { severity: 'page', team: 'a' },
            annotations: { summary: '{{ $value }}' },
            level: 0,
            origin: { pack: 'test', file: 'rules.yml', line: 9, group: 'g' },
          },
        ],
      },
    ]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    const changed = compilePlan({ packs: [packOf(GROUP.replace('for: 2m', 'for: 3m'))] });
    expect(changed.version).not.toBe(plan.version);
  });

  it('are what reads a record, even where the expression could be a mapping', () => {
    const plan = planOf('a = foo\nb = a * 2\nc = c');
    expect(plan.mappings.map(({ record }) => record)).toEqual(['a', 'c']);
    expect(plan.derived.flatMap(({ rules }) => rules)).toMatchObject([{ record: 'b', expr: 'a * 2' }]);
  });

  it('keep raw series that they read directly, and only those', () => {
    const plan = planOf('a = foo\nb = sum(a) + sum(raw{x="1"}) + sum(rate(raw{x="1"}[5m])) + sum(asserts:none)');
    expect(plan.keptRaw).toEqual([
      {
        expr: 'raw{x="1"}',
        matchers: [
          { type: '=', name: '__name__', value: 'raw' },
          { type: '=', name: 'x', value: '1' },
        ],
        origin: { pack: 'test', file: 'rules.yml', line: 5, group: 'test' },
      },
    ]);
    const selects = newSelection(plan);
    expect(['foo', 'raw{x="1"}', 'raw{x="2"}', 'other'].map((text) => selects(series(text)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(describePlan(plan)).toMatch(/RAW SERIES KEPT AS THEY ARE\n {2}raw\{x="1"\} {2}read by rules\.yml:5/);
  });

  it('find kept series stored under their own name, with scope and relabelling', () => {
    const plan = planOf('b = sum(raw)', '[{source_labels: [path], target_label: route}]');
    const result = new Contextualizer(plan).contextualize(series('raw{path="/x",env="prod"}'), SCOPE);
    expect(result).toMatchObject({ kind: 'mapped' });
    if (result.kind !== 'mapped') throw new Error('unreachable');
    expect(result.outputs.map(({ labels, map }) => [String(labels), map(3)])).toEqual([
      ['raw{asserts_env="prod", env="prod", path="/x", route="/x"}', 3],
    ]);
  });

  it('make two series of a raw one that is mapped and kept', () => {
    const plan = planOf('a = raw\nb = sum(raw)');
    const result = new Contextualizer(plan).contextualize(series('raw{x="1"}'), SCOPE);
    expect(result.kind === 'mapped' && result.outputs.map(({ labels }) => String(labels))).toEqual([
      'a{asserts_env="dev", asserts_name="raw", x="1"}',
      'raw{asserts_env="dev", x="1"}',
    ]);
  });

  it('are refused where two can write one series, with both places', () => {
    expect(mistakes(rulesOf('a = sum(foo)\na = sum(bar)'))).toEqual([
      'rules.yml:5: record: the rule at rules.yml:4 can write the same series; give the two different labels, or another name to one of them',
    ]);
    expect(mistakes(rulesOf('a{x="1"} = sum by (y) (foo)\na{x="2"} = sum by (y) (bar)\na = sum(baz)'))).toEqual([]);
    expect(mistakes(rulesOf('a{x="1"} = sum(foo)\na = sum by (x) (bar)'))).toHaveLength(1);
  });

  it('share alert names, but not whole alerts', () => {
    const twice = (a: string, b: string) =>
      `groups: [{name: g, rules: [{alert: A, expr: ${a}}, {alert: A, expr: ${b}}]}]`;
    expect(mistakes(twice('foo > 1', 'foo > 2'))).toEqual([]);
    expect(mistakes(twice('foo > 1', 'foo>1'))[0]).toMatch(
      /rules\.yml:1: alert: the rule at rules\.yml:1 can write the same/,
    );
  });

  it('are held to the vocabulary and to labels that their expression has', () => {
    expect(mistakes(rulesOf('asserts:request:rate5m = sum by (job) (rate(asserts:request:total[5m]))'), true)).toEqual([
      expect.stringMatching(/needs the label asserts_request_type/),
      expect.stringMatching(/needs the label asserts_source/),
    ]);
    expect(mistakes(rulesOf('own:thing = sum(foo)'), true)).toEqual([
      expect.stringMatching(/not a contextualized metric/),
    ]);
    const alert = 'groups: [{name: g, rules: [{alert: A, expr: foo > 1, labels: {asserts_severity: deadly}}]}]';
    expect(mistakes(alert)).toEqual([expect.stringMatching(/"deadly" is not a value of asserts_severity/)]);
  });

  it('are refused with templates that can never be expanded', () => {
    const text = (summary: string) =>
      `groups: [{name: g, rules: [{alert: A, expr: foo > 1, annotations: {summary: ${JSON.stringify(summary)}}}]}]`;
    expect(mistakes(text('{{ $labels.x }'))).toEqual([expect.stringMatching(/^rules\.yml:1: summary|annotations/)]);
    expect(mistakes(text('{{ nonsense 1 }}'))[0]).toMatch(/function "nonsense" is not known/);
    expect(mistakes(text('{{ $nothing }}'))[0]).toMatch(/undefined variable \$nothing/);
  });
});
