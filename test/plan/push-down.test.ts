import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import { describePushDown } from '../../lib/plan/describe-push-down.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { overStorePlan, pushDown } from '../../lib/plan/push-down.ts';
import { packOf, planOf, SCOPE } from './fixture.ts';

const BASE = 'app:a = a_total{job!="x"}\napp:s = s_total / 1000\napp:s = t_total * 60';

function questions(rule: string, relabelConfigs = '[]'): string[] {
  return pushDown(planOf(`${BASE}\n${rule}`, relabelConfigs), SCOPE).queries.map(({ expr }) => expr);
}

describe('pushDown', () => {
  it('asks for rates grouped by what scope and rule look at', () => {
    expect(questions('out = sum by (asserts_env, pod) (rate(app:a[5m]))')).toEqual([
      'sum by (env, pod) (rate(a_total{job!="x"}[5m]))',
    ]);
  });

  it('puts scaling outside of windows and inside of the aggregation', () => {
    expect(questions('out = sum by (pod) (rate(app:s[5m]))')).toEqual([
      'sum by (env, pod) (rate(s_total[5m]) / 1000)',
      'sum by (env, pod) (rate(t_total[5m]) * 60)',
    ]);
    expect(questions('out = max(app:s)')).toEqual(['max by (env) (s_total / 1000)', 'max by (env) (t_total * 60)']);
  });

  it('sends matchers on raw labels, and keeps those on labels that are written here', () => {
    const configs = '[{source_labels: [path], target_label: asserts_request_context}]';
    expect(questions('out = sum(rate(app:a{asserts_request_context="/", code="5"}[5m]))', configs)).toEqual([
      'sum by (asserts_request_context, env, path) (rate(a_total{code="5",job!="x"}[5m]))',
    ]);
  });

  it('asks for what identity is found by, and lets the server leave out what it can', () => {
    const scope = { ...SCOPE, identity: { ...DEFAULT_IDENTITY, workload: ['app'], pod: ['pod_name'] } };
    const plan = planOf('app:a = a_total{container!="POD",pod="p"}\nout = sum by (workload) (rate(app:a[5m]))');
    expect(pushDown(plan, scope).queries.map(({ expr }) => expr)).toEqual([
      'sum by (app, container, container_name, env, k8s_container_name, kubernetes_container_name, pod, pod_name, workload) (rate(a_total{container!="POD",pod=~"p|"}[5m]))',
    ]);
  });

  it('asks once for what several rules need, as finely as the finest of them', () => {
    const rules = 'one = sum by (pod, asserts_env) (rate(app:a[5m]))\ntwo = sum by (asserts_env) (rate(app:a[5m]))';
    const pushed = pushDown(planOf(`${BASE}\n${rules}`), SCOPE);
    expect(pushed.queries.map(({ expr }) => expr)).toEqual(['sum by (env, pod) (rate(a_total{job!="x"}[5m]))']);
    expect(pushed.rules.map(({ reads }) => reads[0]?.questions[0]?.query)).toEqual([0, 0]);
  });

  it('leaves out labels that only configs of other metrics look at', () => {
    const configs =
      '[{source_labels: [__name__, other], regex: "b_.+;(.+)", target_label: pod}, {source_labels: [__name__, mine], regex: "a_[^;]+;(.+)", target_label: pod}]';
    expect(questions('out = sum by (pod) (rate(app:a[5m]))', configs)).toEqual(
      [
        'sum by (env, mine, pod) (rate(a_total{job!="x"}[5m]))',
        // `.+` may match a `;`, so the first config may concern every metric: what it looks at is asked for, too.
      ].map((expr) => expr.replace('env, mine', 'env, mine, other')),
    );
  });

  it('adds up first where the other side of `or` is recorded by a rule that drops the lineage', () => {
    const rules = (own: string) => `app:s = ${own}\nout = sum by (pod) (rate(app:a[5m]) or app:s)`;
    expect(questions(rules('sum by (pod) (delta(u_total[5m]))'))).toContain(
      'sum by (env, pod) (rate(a_total{job!="x"}[5m]))',
    );
    expect(questions(rules('delta(u_total[5m])'))).toContain('rate(a_total{job!="x"}[5m])');
  });

  it('lets the server leave out, limit and count before it adds up', () => {
    for (const [rule, question] of [
      ['sum(rate(app:a[5m]) > 1)', 'sum by (env) (rate(a_total{job!="x"}[5m]) > 1)'],
      ['max(clamp_min(app:s, 0) - 1)', 'max by (env) (clamp_min(s_total / 1000, 0) - 1)'],
      ['sum(2 ^ app:s)', 'sum by (env) (2 ^ (s_total / 1000))'],
      ['sum(histogram_count(rate(app:a[5m])))', 'sum by (env) (histogram_count(rate(a_total{job!="x"}[5m])))'],
    ]) {
      expect(questions(`out = ${rule}`)[0], rule).toBe(question);
    }
  });

  it('writes labels itself, of what the server has grouped by their sources', () => {
    const rule = (regex: string) =>
      `out = sum by (to) (label_replace(rate(app:a[5m]), "to", "$1", "peer", "${regex}"))`;
    expect(questions(rule('(.*)'))).toEqual(['sum by (env, peer) (rate(a_total{job!="x"}[5m]))']);
    expect(questions(rule('(.+)'))).toEqual(['sum by (env, peer, to) (rate(a_total{job!="x"}[5m]))']);
  });

  it('asks series by series where adding up first would not be the same', () => {
    for (const rule of ['rate(app:a[5m])', 'avg(rate(app:a[5m]))', 'count(rate(app:a[5m]))']) {
      expect(questions(`out = ${rule}`), rule).toEqual(['rate(a_total{job!="x"}[5m])']);
    }
    expect(questions('out = sum(app:a or app:a{x="1"})')).toHaveLength(2);
  });

  it('knows how far a question looks back', () => {
    const reaches = (rule: string) => pushDown(planOf(`${BASE}\n${rule}`), SCOPE).queries.map(({ reach }) => reach);
    expect(reaches('out = sum(app:a)')).toEqual([300_000]);
    expect(reaches('out = sum(rate(app:a[1h] offset 1d))')).toEqual([90_000_000]);
    expect(reaches('out = sum(app:a @ 100)')).toEqual([undefined]);
  });

  it.each([
    ['absent(app:a)', 'absent() makes its labels of the selector'],
    ['max_over_time(rate(app:a[5m])[1h:])', 'a subquery'],
    ['changes(app:s[5m])', 'changes() over a metric that a mapping rule scales'],
    ['sum(app:a @ end())', '@ end()'],
    ['sum({__name__=~"app:.*", __name__!="out"})', 'cannot be listed'],
  ])('says why %s is not available', (expr, reason) => {
    const { rules, unavailable } = pushDown(planOf(`${BASE}\nout = ${expr}`), SCOPE);
    expect(rules).toEqual([]);
    expect(unavailable).toMatchObject([{ rule: { record: 'out' }, reason: expect.stringContaining(reason) }]);
  });

  it('says so of what reads such a rule, and of what reads the past of another beside raw series', () => {
    const plan = planOf(
      `${BASE}\none = absent(app:a)\ntwo = one * sum(app:a)\nthree = one * 2\nok = sum(app:a)\npast = max_over_time(ok[1h]) / sum(app:a)`,
    );
    expect(pushDown(plan, SCOPE).unavailable.map(({ rule, reason }) => [nameOf(rule), reason])).toEqual([
      ['one', expect.stringContaining('absent()')],
      ['two', 'it reads one, which is not available'],
      ['three', 'it reads one, which is not available'],
      ['past', 'it reads the past of what other rules record beside raw series'],
    ]);
  });

  it('leaves to the evaluator what reads only what is stored, alerts too', () => {
    const { derived } = overStorePlan(withAlerts(), 60_000);
    expect(derived.flatMap(({ rules }) => rules.map(nameOf))).toEqual(['smooth', 'Much', 'Raw', 'Raw']);
  });

  it('records the conditions of alerts over raw series, and lets the evaluator read them', () => {
    const { rules, queries, overStore } = pushDown(withAlerts(), SCOPE, 90_000);
    expect(rules.map(({ rule: { record, labels } }) => [record, labels])).toEqual([
      ['sums', {}],
      ['asserts:alert:condition', { asserts_alert_rule: 'Raw' }],
      ['asserts:alert:condition', { asserts_alert_rule: 'Raw 2' }],
    ]);
    expect(queries.map(({ expr }) => expr)).toContain('a_total > 5');
    expect(overStore.flatMap((group) => group.rules.map(({ expr }) => expr))).toContain(
      'label_replace(last_over_time(asserts:alert:condition{asserts_alert_rule="Raw 2"}[1m30s]), "asserts_alert_rule", "", "", "")',
    );
  });

  it('is told to people', () => {
    const text = describePushDown(withAlerts(), SCOPE);
    for (const part of [
      /sum by \(.*\) \(a_total/,
      /sums \(rules\.yml:\d+\)/,
      /condition of alert Raw 2 .*: Q/,
      /alert Raw /,
      /alert Much/,
    ]) {
      expect(text).toMatch(part);
    }
  });
});

function withAlerts(): Plan {
  const rules = `groups:
  - name: test
    rules:
      - {record: app:a, expr: a_total}
      - {record: sums, expr: sum(app:a)}
      - {record: smooth, expr: "avg_over_time(sums[1h])"}
      - {alert: Much, expr: sums > 5}
      - {alert: Raw, expr: app:a > 5, for: 5m}
      - {alert: Raw, expr: sum(app:a) > 50}
`;
  return compilePlan({ packs: [packOf(rules)] });
}

function nameOf(rule: { readonly record: string } | { readonly alert: string }): string {
  return 'record' in rule ? rule.record : rule.alert;
}
