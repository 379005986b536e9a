import { describe, expect, it } from 'vitest';
import type { Labels } from '../../lib/model/labels.ts';
import { finishRules } from '../../lib/pipeline/query-source-finish.ts';
import { pushDown } from '../../lib/plan/push-down.ts';
import { ALERT_CONDITION } from '../../lib/plan/push-down-alert.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { series } from '../model/series.ts';
import { plan as allPacks, defaultPlan as packs } from '../packs/contextualize.ts';
import { planOf, SCOPE } from '../plan/fixture.ts';
import { counter, pushedPoints, type RawSeries, storedPoints } from './query-source-fixture.ts';
import { PACK_SCOPE, RAW, SAMPLED, TIMES } from './query-source-raw.ts';

describe('pushed rules', () => {
  it('give for the packs what the rules give over stored series', async () => {
    const { points, pushed } = await pushedPoints(packs, PACK_SCOPE, RAW, TIMES);
    const stored = await storedPoints(packs, PACK_SCOPE, RAW, TIMES);
    expect(pushed.unavailable).toEqual([]);
    expect([...points.keys()].sort()).toEqual([...stored.keys()].sort());
    for (const [key, value] of points) expectClose(value, stored.get(key), key);
    const silent = packs.derived
      .flatMap(({ rules }) => rules)
      .filter((rule) => rule.kind === 'recording' && ![...points.keys()].some((key) => isOf(rule, key)));
    expect(silent.map((rule) => rule.expr)).toEqual([]);
    expect([...points.keys()].some((key) => key.includes('asserts_request_context="/cart/{}"'))).toBe(true);
    expect([...points.keys()].some((key) => /actuator|healthz|-\/healthy/.test(key))).toBe(false);
  });

  it('send the server no question that asks for series one by one', () => {
    const { rules, queries } = pushDown(allPacks, PACK_SCOPE);
    // Alerts name the series that are in a bad state, and only these are answered or few exist.
    const recording = rules.filter(({ rule }) => rule.record !== ALERT_CONDITION);
    const asked = recording.flatMap(({ reads }) =>
      reads.flatMap(({ questions }) => questions.map(({ query }) => query)),
    );
    for (const query of new Set(asked)) expect(queries[query]?.expr).toMatch(/^(sum|min|max) by \(/);
  });

  it.each(shapes())('%s', async (_name, rules, relabelConfigs) => {
    const plan = planOf(rules, relabelConfigs);
    const { points, pushed } = await pushedPoints(plan, SCOPE, SHAPED, TIMES);
    const stored = await storedPoints(plan, SCOPE, SHAPED, TIMES);
    expect(pushed.unavailable).toEqual([]);
    expect(points.size).toBeGreaterThan(0);
    expect([...points.keys()].sort()).toEqual([...stored.keys()].sort());
    for (const [key, value] of points) expectClose(value, stored.get(key), key);
  });

  it('fail as a whole where one answer is missing, with what reads them', async () => {
    const plan = planOf('app:a = a_total\napp:a = b_total\nsums = sum(rate(app:a[5m]))\nhalf = sums / 2 + sum(app:a)');
    const pushed = pushDown(plan, SCOPE);
    const fault = { reason: 'query_failed: timeout', detail: 'too slow' };
    const outcomes = pushed.queries.map(({ metric }) =>
      metric === 'a_total' ? ({ kind: 'failed', fault } as const) : ({ kind: 'answered', series: [] } as const),
    );
    const rules = await finishRules(pushed, outcomes, TIMES, new Engine(), () => {});
    expect(rules.map((outcome) => outcome.kind === 'failed' && outcome.fault.reason)).toEqual([
      'query_failed: timeout',
      'query_failed: depends',
    ]);
  });

  it('tell what is dropped', async () => {
    const plan = planOf('app:a = a_total\nall = sum(rate(app:a[5m]))');
    const noEnv = { env: { labels: ['env'] }, site: { labels: [] } };
    const { points, dropped } = await pushedPoints(plan, noEnv, SHAPED, TIMES);
    expect(points.size).toBe(4);
    expect(new Set(dropped)).toEqual(new Set(['no_asserts_env']));
  });
});

/** Series for rules of every shape. */
const SHAPED: readonly RawSeries[] = [
  ...['a_total', 'b_total', 'c_bytes'].flatMap((name, i) =>
    ['x', 'y', 'z'].flatMap((pod, j) =>
      ['/p/1', '/p/2'].map((path, k) =>
        counter(
          series(`${name}{pod="${pod}",path="${path}",code="${k}00"${j === 2 ? '' : ',env="e"'}}`),
          SAMPLED,
          1 + i * 5 + j * 3 + k,
          j === 1 ? 111 : -1,
        ),
      ),
    ),
  ),
];

function shapes(): [string, string, string][] {
  const base = 'app:a = a_total / 1000\napp:a{kind=b} = b_total * 2\napp:g = c_bytes';
  const relabel = `[{source_labels: [__name__, path], regex: "a_total;(.+)", target_label: asserts_request_context}]`;
  const shape = (name: string, rule: string, configs = '[]'): [string, string, string] => [
    name,
    `${base}\n${rule}`,
    configs,
  ];
  return [
    shape('scaled counters', 'out = sum by (pod) (rate(app:a[5m]))'),
    shape('matchers on what rules write', 'out = sum by (pod) (rate(app:a{kind="b"}[5m]))'),
    shape('matchers on raw labels', 'out = sum by (pod) (rate(app:a{code=~"1.."}[5m])) or sum(app:g)'),
    shape('matchers on the scope', 'out = sum by (asserts_env) (rate(app:a{asserts_env="e"}[5m]))'),
    shape('lineage', 'out = sum by (asserts_name, asserts_env) (app:a)'),
    shape('no grouping', 'out = max(app:g) - min(app:g)'),
    shape('series one by one', 'out = rate(app:a[5m])'),
    shape('a selector by itself', 'out = app:g * 2'),
    shape(
      'averages, counts and the largest',
      'out = avg by (pod) (app:g) + on (pod) count by (pod) (rate(app:a[5m]) > 0)',
    ),
    shape('joined sides', 'out = sum by (pod) (rate(app:a[5m]) or app:g)'),
    shape('constants inside', 'out = sum by (pod) ((app:g) * 8)'),
    shape('subtraction of series', 'out = app:g - on (pod, path, asserts_env) app:a{kind="b"}'),
    shape('offsets', 'out = sum by (pod) (rate(app:a[5m] offset 2m))'),
    shape('label_replace', 'out = sum by (p) (label_replace(rate(app:a[5m]), "p", "$1", "path", "/(.).*"))'),
    shape('label_join', 'out = sum by (p) (label_join(rate(app:a[5m]), "p", "-", "code", "path"))'),
    shape(
      'labels that overwrite each other',
      'out = sum by (pod, p) (label_replace(label_replace(app:g, "p", "$1", "pod", "(.*)"), "pod", "$1", "code", "(.*)"))',
    ),
    shape('a filter inside', 'out = sum by (pod) (rate(app:a[5m]) > 0.01)'),
    shape('functions of values', 'out = sum by (pod) (clamp_min(deriv(app:g[5m]) - 0.02, 0)) * 2'),
    shape('counts of histograms beside floats', 'out = sum(histogram_count(rate(app:a[5m]))) or sum(rate(app:g[5m]))'),
    shape(
      'results of rules beside series',
      'app:a = sum by (asserts_env, pod) (rate(app:g[5m]))\nout = sum by (pod) (rate(c_bytes[5m]) or app:a)',
    ),
    shape(
      'results of rules beside series that are mapped',
      'app:r = sum by (asserts_env, pod) (rate(app:g[5m]))\napp:r = a_total\nout = sum by (pod) (rate(app:a{kind="b"}[5m]) or app:r)',
    ),
    shape('without', 'out = sum without (pod, path) (rate(app:a[5m]))'),
    shape('quantiles', 'out = quantile by (code) (0.5, app:g)'),
    shape('last values', 'out = last_over_time(app:g[5m])'),
    shape('raw series read directly', 'out = sum by (pod, asserts_env) (rate(c_bytes[5m]))'),
    shape(
      'other rules of the same time',
      'one = sum by (pod) (app:g)\nout = one / on (pod) sum by (pod) (rate(app:a[5m]))',
    ),
    shape('folded contexts', 'out = sum by (asserts_request_context) (rate(app:a[5m]))', relabel),
    shape(
      'contexts that are dropped',
      'out = sum by (pod) (rate(app:a[5m]))',
      `[{source_labels: [path], regex: ".*1", action: drop}]`,
    ),
    shape(
      'hashes',
      'out = sum by (shard) (rate(app:a[5m]))',
      `[{source_labels: [pod, path], modulus: 2, target_label: shard, action: hashmod}]`,
    ),
    shape(
      'copies of labels',
      'out = sum by (k8s_pod) (rate(app:a[5m]))',
      `[{regex: "p(od)", replacement: "k8s_p$1", action: labelmap}]`,
    ),
    shape('removed labels', 'out = sum by (pod, code) (rate(app:a[5m]))', `[{regex: "zzz|co.*x", action: labeldrop}]`),
  ];
}

function isOf(
  rule: { readonly labels: Readonly<Record<string, string>>; readonly expr: string },
  key: string,
): boolean {
  const { record } = rule as { record?: string };
  return (
    key.startsWith(`${record}{`) &&
    Object.entries(rule.labels).every(([name, value]) => key.includes(`${name}="${value}"`))
  );
}

function expectClose(actual: number, expected: number | undefined, key: string | Labels): void {
  if (Number.isNaN(actual) && Number.isNaN(expected)) return;
  const bound = 1e-9 * Math.max(1, Math.abs(expected ?? 0));
  expect(Math.abs(actual - (expected ?? Number.NaN)), `${key}: ${actual} and ${expected}`).toBeLessThanOrEqual(bound);
}
