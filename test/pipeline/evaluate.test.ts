import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { Appender, Storage } from '../../lib/storage/interface.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import type { EvaluationState, RuleState } from '../../lib/storage/rule-state.ts';
import { load, planOfRules, RuleBench, TENANT } from './evaluate/run-rules.ts';

const MINUTE = 60_000;

const RULES = `groups:
  - name: load
    rules:
      - {record: "job:load:sum", expr: "sum by (job) (load)", labels: {team: a}}
      - {record: "job:load:twice", expr: "job:load:sum * 2"}
      - {alert: High, expr: "job:load:sum > 5", for: 2m, annotations: {now: "{{ $value }}"}}
`;
const INPUT = {
  'load{job="a",instance="1"}': [1, 2, 3, 4, 5, 6, 7, 8],
  'load{job="a",instance="2"}': [1, 1, 1, 1, 1, 1, 1, 1],
};

/** Every sample of the derived class, as text. */
async function derived(storage: Storage): Promise<string[]> {
  const bench = new RuleBench(planOfRules(RULES), { storage });
  const { data } = await new Engine().instantQuery(
    bench.storage.querier(TENANT),
    '{__name__=~"job:.*|ALERTS.*"}[1h]',
    50 * MINUTE,
  );
  if (data.kind !== 'matrix') throw new Error('unreachable');
  return data.series.map(
    ({ labels, timestamps, values }) =>
      `${labels}: ${[...timestamps].map((time, i) => `${time / MINUTE}m=${values[i]}`).join(' ')}`,
  );
}

async function loadedBench(options: ConstructorParameters<typeof RuleBench>[1] = {}): Promise<RuleBench> {
  const bench = new RuleBench(planOfRules(RULES), options);
  await load(bench.storage, INPUT);
  return bench;
}

const EXPECTED = [
  'ALERTS{alertname="High", alertstate="firing", job="a", team="a"}: 6m=1 7m=1',
  'ALERTS{alertname="High", alertstate="pending", job="a", team="a"}: 4m=1 5m=1',
  'ALERTS_FOR_STATE{alertname="High", job="a", team="a"}: 4m=240 5m=240 6m=240 7m=240',
  'job:load:sum{job="a", team="a"}: 0m=2 1m=3 2m=4 3m=5 4m=6 5m=7 6m=8 7m=9',
  'job:load:twice{job="a", team="a"}: 0m=4 1m=6 2m=8 3m=10 4m=12 5m=14 6m=16 7m=18',
];

describe('evaluateTenants', () => {
  it('evaluates rules in their order at aligned times, and alerts from state to state', async () => {
    const bench = await loadedBench();
    const outcome = await bench.evaluateTo(7 * MINUTE + 12_345);
    expect(outcome).toMatchObject({ evaluations: 24, failures: [], behind: 0, overtaken: false });
    expect(await derived(bench.storage)).toEqual(EXPECTED);
  });

  it('gives the same minute by minute, and all at once', async () => {
    const bench = await loadedBench();
    for (let minute = 0; minute <= 7; minute++) await bench.evaluateTo(minute * MINUTE);
    expect(await derived(bench.storage)).toEqual(EXPECTED);
  });

  it('does nothing where nothing is due', async () => {
    const bench = await loadedBench();
    await bench.evaluateTo(7 * MINUTE);
    const before = await bench.ruleState.read(TENANT);
    expect(await bench.evaluateTo(7 * MINUTE + 59_000)).toMatchObject({ evaluations: 0, samples: 0 });
    expect(await bench.ruleState.read(TENANT)).toEqual(before);
  });

  it('repeats the same samples after a crash between samples and progress', async () => {
    const inner = new MemoryRuleState();
    let crashes = 2;
    const ruleState: RuleState = {
      read: (tenant) => inner.read(tenant),
      replace: async (tenant, revision, state) => {
        if (crashes-- > 0) throw new Error('crash');
        return inner.replace(tenant, revision, state);
      },
    };
    const bench = await loadedBench({ ruleState });
    await expect(bench.evaluateTo(5 * MINUTE)).rejects.toThrow('crash');
    await expect(bench.evaluateTo(6 * MINUTE)).rejects.toThrow('crash');
    await bench.evaluateTo(7 * MINUTE);
    expect(await derived(bench.storage)).toEqual(EXPECTED);
  });

  it('does not go on before its samples are durable', async () => {
    const inner = new MemoryStorage();
    let failures = 1;
    const storage: Storage = {
      querier: (tenant) => inner.querier(tenant),
      appender: (tenant, retentionClass): Appender => {
        const appender = inner.appender(tenant, retentionClass);
        if (retentionClass === 'normalised' || failures-- <= 0) return appender;
        return {
          append: (labels, sample) => appender.append(labels, sample),
          appendHistogram: (labels, histogram) => appender.appendHistogram(labels, histogram),
          appendMetadata: (metadata) => appender.appendMetadata(metadata),
          commit: () => Promise.reject(new Error('the table is away')),
        };
      },
    };
    const bench = await loadedBench({ storage });
    await expect(bench.evaluateTo(7 * MINUTE)).rejects.toThrow('the table is away');
    expect(await bench.ruleState.read(TENANT)).toBeUndefined();
    await bench.evaluateTo(7 * MINUTE);
    expect(await derived(bench.storage)).toEqual(EXPECTED);
  });

  it('lets two evaluators run side by side', async () => {
    const storage = new MemoryStorage();
    const ruleState = new MemoryRuleState();
    const [a, b] = [
      new RuleBench(planOfRules(RULES), { storage, ruleState }),
      await loadedBench({ storage, ruleState }),
    ];
    const overtaken: unknown[] = [];
    for (const minute of [2, 4, 7]) {
      const outcomes = await Promise.all([a.evaluateTo(minute * MINUTE), b.evaluateTo(minute * MINUTE)]);
      overtaken.push(...outcomes.map((outcome) => outcome?.overtaken));
    }
    expect(overtaken).toContain(true);
    expect(await derived(storage)).toEqual(EXPECTED);
    expect((await ruleState.read(TENANT))?.state.evaluatedTo).toBe(7 * MINUTE);
  });

  it('makes up for missed evaluations up to a bound, and says what it skipped', async () => {
    const bench = await loadedBench();
    await bench.evaluateTo(1 * MINUTE);
    const outcome = await bench.evaluateTo(7 * MINUTE, { maxCatchUp: 3 * MINUTE });
    expect(outcome).toMatchObject({ skipped: 3 * MINUTE, evaluations: 9 });
    expect((await bench.ruleState.read(TENANT))?.state.skipped).toBe(3 * MINUTE);
    expect((await derived(bench.storage)).find((line) => line.startsWith('job:load:sum'))).toBe(
      'job:load:sum{job="a", team="a"}: 0m=2 1m=3 5m=7 6m=8 7m=9',
    );
  });

  it('counts nothing as skipped where nothing was due, and what was skipped once', async () => {
    const bench = new RuleBench(
      planOfRules('groups: [{name: g, interval: 30m, rules: [{record: "a:sum", expr: "sum(load)"}]}]'),
    );
    await load(bench.storage, INPUT);
    const skipped: (number | undefined)[] = [];
    for (const minute of [31, 50, 62, 96, 97, 120]) {
      const outcome = await bench.evaluateTo(minute * MINUTE, { maxCatchUp: 5 * MINUTE });
      skipped.push((outcome?.skipped ?? Number.NaN) / MINUTE);
    }
    expect(skipped).toEqual([0, 0, 0, 0, 0, 53]);
    expect((await bench.ruleState.read(TENANT))?.state.skipped).toBe(53 * MINUTE);
  });

  it('lets no alert wait through time that is skipped, for nobody knows what was true in it', async () => {
    const bench = new RuleBench(planOfRules('groups: [{name: g, rules: [{alert: High, expr: "load > 0", for: 10m}]}]'));
    await load(bench.storage, {
      'load{job="a"}': Array(70).fill(1),
      'load{job="b"}': Array.from({ length: 70 }, (_, minute) => (minute < 10 ? 0 : 1)),
    });
    const states = async () =>
      (await bench.alerts()).map(
        ({ labels, state, activeAt }) => `${labels['job']}: ${state} since ${activeAt / MINUTE}m`,
      );
    await bench.evaluateTo(12 * MINUTE);
    await bench.evaluateTo(60 * MINUTE, { maxCatchUp: 2 * MINUTE });
    expect(await states()).toEqual(['a: firing since 0m', 'b: pending since 56m']);
    await bench.evaluateTo(65 * MINUTE);
    expect(await states()).toEqual(['a: firing since 0m', 'b: pending since 56m']);
    await bench.evaluateTo(66 * MINUTE);
    expect(await states()).toEqual(['a: firing since 0m', 'b: firing since 56m']);
  });

  it('stops when its time is up, and goes on from there', async () => {
    const bench = await loadedBench();
    expect(await bench.evaluateTo(7 * MINUTE, { deadline: 0 })).toMatchObject({
      evaluations: 0,
      behind: 7 * MINUTE + 1,
    });
    await bench.evaluateTo(7 * MINUTE);
    expect(await derived(bench.storage)).toEqual(EXPECTED);
  });

  it('sees late samples as long as the time they belong to is still to come', async () => {
    const bench = await loadedBench();
    await bench.evaluateTo(3 * MINUTE);
    await load(bench.storage, { 'load{job="a",instance="late"}': [100] }, { from: 4 * MINUTE });
    await bench.evaluateTo(4 * MINUTE);
    expect(await bench.ask('job:load:sum', 4 * MINUTE)).toEqual(['job:load:sum{job="a", team="a"} = 106']);
  });

  it('waits for those who write what it reads, and not for ever', async () => {
    const bench = await loadedBench();
    const awaits = { keys: ['acme/query/a', 'acme/query/b'], atMost: 4 * MINUTE };
    const wrote = async (key: string, minutes: number) => {
      const { revision } = (await bench.ruleState.read(key)) ?? { revision: 0 };
      const state = { planVersion: '', evaluatedTo: minutes * MINUTE, skipped: 0, groups: {} };
      expect(await bench.ruleState.replace(key, revision, state)).toBe(true);
    };
    const evaluatedTo = async (now: number) => {
      await bench.evaluateTo(now * MINUTE, { awaits, maxCatchUp: 60 * MINUTE });
      return ((await bench.ruleState.read(TENANT))?.state.evaluatedTo ?? Number.NaN) / MINUTE;
    };
    expect(await evaluatedTo(5)).toBe(1);
    await wrote('acme/query/a', 5);
    await wrote('acme/query/b', 3);
    expect(await evaluatedTo(5)).toBe(3);
    await wrote('acme/query/b', 9);
    expect(await evaluatedTo(6)).toBe(5);
    await wrote('acme/query/a', 9);
    expect(await evaluatedTo(7)).toBe(7);
    expect(await derived(bench.storage)).toEqual(EXPECTED);
    expect(await evaluatedTo(20)).toBe(16);
  });

  it('ends a series that a rule no longer gives', async () => {
    const bench = new RuleBench(planOfRules(RULES));
    await load(bench.storage, { 'load{job="a"}': [1, 1, STALE_NAN, undefined, 1], 'load{job="b"}': [1, 1, 1, 1, 1] });
    for (const minute of [0, 1, 2]) await bench.evaluateTo(minute * MINUTE);
    expect(await bench.ask('job:load:sum', 2.5 * MINUTE)).toEqual(['job:load:sum{job="b", team="a"} = 1']);
    await bench.evaluateTo(4 * MINUTE);
    expect(await bench.ask('count_over_time(job:load:sum[1h])', 4 * MINUTE)).toEqual([
      '{job="a", team="a"} = 3',
      '{job="b", team="a"} = 5',
    ]);
  });

  it('ends a series whose last value came at a time at which the rule failed', async () => {
    const bench = new RuleBench(
      planOfRules('groups: [{name: g, limit: 2, rules: [{record: "a:sum", expr: "sum by (job) (load)"}]}]'),
    );
    await load(bench.storage, {
      'load{job="a"}': [1, 1, STALE_NAN],
      'load{job="b"}': [1, 1, 1],
      'load{job="c"}': [undefined, 1, STALE_NAN],
    });
    await bench.evaluateTo(2 * MINUTE);
    expect(await bench.ask('a:sum', 2 * MINUTE)).toEqual(['a:sum{job="b"} = 1']);
  });

  it('ends a series for as long as the engine would show it', async () => {
    const plan = planOfRules(
      'groups: [{name: g, interval: 10m, rules: [{record: "a:sum", expr: "sum by (job) (load)"}]}]',
    );
    const bench = new RuleBench(plan, { lookbackDelta: 15 * MINUTE });
    await load(bench.storage, { 'load{job="a"}': [1], 'load{job="b"}': [1, 1] }, { step: 10 * MINUTE });
    await load(bench.storage, { 'load{job="a"}': [STALE_NAN] }, { from: MINUTE });
    await bench.evaluateTo(0);
    await bench.evaluateTo(10 * MINUTE);
    expect(await bench.ask('a:sum', 10 * MINUTE)).toEqual(['a:sum{job="b"} = 1']);
  });

  it('ends the series of alerts that a broken limit makes it forget', async () => {
    const bench = new RuleBench(planOfRules('groups: [{name: g, limit: 1, rules: [{alert: A, expr: "load > 0"}]}]'));
    await load(bench.storage, { 'load{job="a"}': [1, 1, 0], 'load{job="b"}': [0, 1, 0] });
    for (const minute of [0, 1, 2]) await bench.evaluateTo(minute * MINUTE);
    expect(await bench.ask('{__name__=~"ALERTS.*"}', 2 * MINUTE)).toEqual([]);
  });

  it('ends nothing of another rule that records the same metric', async () => {
    const rules = `groups: [{name: g, rules: [
      {record: "x:sum", expr: "sum by (job) (load)", labels: {kind: one}},
      {record: "x:sum", expr: "sum by (job) (load) > 100"}]}]`;
    const bench = new RuleBench(planOfRules(rules));
    await load(bench.storage, { 'load{job="a"}': [1, 1, 1, 1] });
    for (const minute of [0, 1, 2, 3]) await bench.evaluateTo(minute * MINUTE);
    expect(await bench.ask('x:sum', 3 * MINUTE)).toEqual(['x:sum{job="a", kind="one"} = 1']);
  });

  it('lets a failing rule fail alone, and tells why', async () => {
    const rules = `groups:
      - name: g
        limit: 1
        rules:
          - {record: "a:many", expr: "sum by (instance) (load)"}
          - {record: "a:twins", expr: "sum by (instance) (load)", labels: {instance: same}}
          - {record: "a:broken", expr: "load * on (job) load"}
          - {record: "a:fine", expr: "sum(load)"}
          - {alert: Many, expr: "load > 0"}`;
    const bench = new RuleBench(planOfRules(rules));
    await load(bench.storage, INPUT);
    const outcome = await bench.evaluateTo(1 * MINUTE);
    expect(outcome?.failures.map(({ rule, error }) => `${rule}: ${error}`)).toEqual([
      'a:many: exceeded limit of 1 with 2 series',
      'a:twins: vector contains metrics with the same labelset after applying rule labels',
      expect.stringMatching(/^a:broken: .*many-to-many matching not allowed/),
      'Many: exceeded limit of 1 with 2 alerts',
    ]);
    expect(await bench.ask('{__name__=~"a:.*"}', MINUTE)).toEqual(['a:fine = 3']);
    const { state } = (await bench.ruleState.read(TENANT)) as { state: EvaluationState };
    const statuses = Object.values(state.groups['rules0.yml;g']?.rules ?? {});
    expect(statuses.map(({ health }) => health)).toEqual(['err', 'err', 'err', 'ok', 'err']);
    expect(statuses[0]).toMatchObject({ lastError: 'exceeded limit of 1 with 2 series', alerts: [] });
  });

  it('refuses two series of one rule that its labels make one', async () => {
    const rules =
      'groups: [{name: g, rules: [{record: "a:twins", expr: "sum by (instance) (load)", labels: {instance: same}}]}]';
    const bench = new RuleBench(planOfRules(rules));
    await load(bench.storage, INPUT);
    expect((await bench.evaluateTo(0))?.failures).toEqual([
      {
        rule: 'a:twins',
        at: 'rules0.yml:1',
        error: 'vector contains metrics with the same labelset after applying rule labels',
      },
    ]);
  });

  it('reads and writes earlier by the offset of a group, at intervals of its own', async () => {
    const rules = `groups:
      - {name: g, interval: 2m, query_offset: 1m, rules: [{record: "a:sum", expr: "sum(load)"}, {alert: A, expr: "load > 3"}]}`;
    const bench = new RuleBench(planOfRules(rules));
    await load(bench.storage, INPUT);
    await bench.evaluateTo(7 * MINUTE);
    expect(await bench.ask('a:sum[1h]', 50 * MINUTE).catch((error: Error) => error.message)).toMatch(/is a matrix/);
    expect(await bench.ask('timestamp(a:sum)', 7 * MINUTE)).toEqual([`{} = ${5 * 60}`]);
    expect(await bench.ask('count_over_time(a:sum[1h])', 7 * MINUTE)).toEqual(['{} = 3']);
    expect((await bench.alerts()).map(({ activeAt }) => activeAt / MINUTE)).toEqual([4]);
  });

  it('gives the same all at once where offsets of groups differ', async () => {
    const plan = planOfRules(`groups:
      - {name: late, query_offset: 2m, rules: [{record: "a:sum", expr: "sum(load)"}]}
      - {name: g, rules: [{record: "b:seen", expr: "a:sum"}]}`);
    const seen = await Promise.all(
      [[7], [0, 1, 2, 3, 4, 5, 6, 7]].map(async (minutes) => {
        const bench = new RuleBench(plan);
        await load(bench.storage, INPUT, { from: 10 * MINUTE });
        await bench.evaluateTo(10 * MINUTE, { maxCatchUp: MINUTE });
        for (const minute of minutes) await bench.evaluateTo((10 + minute) * MINUTE);
        return Promise.all([11, 12, 13, 14, 15].map((minute) => bench.ask('b:seen', minute * MINUTE)));
      }),
    );
    expect(seen[0]).toEqual([[], ['b:seen = 2'], ['b:seen = 3'], ['b:seen = 4'], ['b:seen = 5']]);
    expect(seen[1]).toEqual(seen[0]);
  });

  it('forgets rules that the plan no longer has, and keeps the alerts of those that moved', async () => {
    const bench = await loadedBench();
    await bench.evaluateTo(6 * MINUTE);
    const moved = planOfRules(`# a new line\n${RULES.replace(/.*job:load:twice.*\n/, '')}`);
    await bench.evaluateTo(7 * MINUTE, { plan: moved });
    expect(await bench.alerts()).toMatchObject([{ state: 'firing', activeAt: 4 * MINUTE, annotations: { now: '9' } }]);
    const { state } = (await bench.ruleState.read(TENANT)) as { state: EvaluationState };
    expect(Object.keys(state.groups['rules0.yml;load']?.rules ?? {})).toHaveLength(2);
  });
});
