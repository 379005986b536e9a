import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { Labels } from '../../lib/model/labels.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { series } from '../model/series.ts';
import { planOf, SCOPE } from './fixture.ts';

function outputs(contextualizer: Contextualizer, raw: string): string[] {
  const result = contextualizer.contextualize(series(raw), SCOPE);
  return result.kind === 'mapped' ? result.outputs.map(({ labels }) => labels.toString()) : [result.reason];
}

describe('Contextualizer', () => {
  it('keeps the raw labels and adds scope, lineage and the labels of the rule', () => {
    const contextualizer = new Contextualizer(planOf('total{a="1",pod=""} = http_total{code=~"2.."}'));
    expect(outputs(contextualizer, 'http_total{code="200",pod="x",env="prod",region="eu"}')).toEqual([
      'total{a="1", asserts_env="prod", asserts_name="http_total", asserts_site="eu", code="200", env="prod", region="eu"}',
    ]);
  });

  it('identifies a series after the relabel configs, for the selectors of the rules', () => {
    const scope = { ...SCOPE, identity: DEFAULT_IDENTITY };
    const plan = planOf(
      'total = x{workload="cart"}',
      '[{source_labels: [exported_pod], regex: (.+), target_label: pod}]',
    );
    const result = new Contextualizer(plan).contextualize(series('x{pod="exporter",exported_pod="cart-0"}'), scope);
    if (result.kind !== 'mapped') throw new Error(result.detail);
    expect(result.outputs[0]?.labels.toJSON()).toMatchObject({ pod: 'cart-0', workload: 'cart' });
  });

  it('makes as many series of one as there are rules', () => {
    const contextualizer = new Contextualizer(planOf('total = x\nerrors = x{code="500"}\nother = y'));
    expect(outputs(contextualizer, 'x{code="500"}').map((text) => text.split('{')[0])).toEqual(['total', 'errors']);
    expect(outputs(contextualizer, 'x{code="200"}').map((text) => text.split('{')[0])).toEqual(['total']);
  });

  it('finds rules whose name is a regex, in the order of the plan', () => {
    const contextualizer = new Contextualizer(
      planOf('a = {__name__=~"x.*"}\nb = x1\nc = {__name__=~"x1|x2"}\nd = {foo="bar"}'),
    );
    const names = (raw: string) => outputs(contextualizer, raw).map((text) => text.split('{')[0]);
    expect(names('x1')).toEqual(['a', 'b', 'c']);
    expect(names('x2{foo="bar"}')).toEqual(['a', 'c', 'd']);
    expect(names('y{foo="bar"}')).toEqual(['d']);
  });

  it('computes what Prometheus computes, to the last bit', () => {
    const plan = planOf('a = x / 1000\nb = 60 * -x\nc = x * (1 / 8) / 3\nd = x');
    const result = new Contextualizer(plan).contextualize(series('x'), SCOPE);
    if (result.kind !== 'mapped') throw new Error(result.detail);
    const [a, b, c, d] = result.outputs.map(({ map }) => map) as [
      (v: number) => number,
      typeof Number,
      typeof Number,
      typeof Number,
    ];
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(a(value)).toBe(value / 1000);
        expect(b(value)).toBe(value * -1 * 60);
        expect(c(value)).toBe((value * (1 / 8)) / 3);
        expect(d(value)).toBe(value);
      }),
    );
    for (const map of [a, b, c, d]) expect(isStaleNaN(map(STALE_NAN))).toBe(true);
    expect(isStaleNaN(a(Number.NaN))).toBe(false);
  });

  it('runs label_replace and label_join as PromQL does', () => {
    const plan = planOf(
      [
        'a = label_replace(x, "b", "$1!", "c", "(.).*")',
        'b = label_replace(x, "b", "$1!", "c", "z")',
        'c = label_join(x, "b", "-", "c", "none", "c")',
        'd = label_replace(x / 2, "b", "$1", "__name__", "(.*)")',
        'e = label_replace(x, "b", "$1", "__name__", "(.*)")',
      ].join('\n'),
    );
    const values = new Contextualizer(plan).contextualize(series('x{b="old",c="cc"}'), SCOPE);
    if (values.kind !== 'mapped') throw new Error(values.detail);
    expect(values.outputs.map(({ labels }) => labels.get('b'))).toEqual(['c!', 'old', 'cc--cc', '', 'x']);
  });

  it('folds the request context that relabel configs found', () => {
    const plan = planOf('total = x', '[{source_labels: [uri], target_label: asserts_request_context}]');
    const [output = ''] = outputs(new Contextualizer(plan), 'x{uri="/cart/4711?y=1"}');
    expect(series(output).toJSON()).toMatchObject({ asserts_request_context: '/cart/{}', uri: '/cart/4711?y=1' });
  });

  it('lets relabel configs decide on the environment and see where a series comes from', () => {
    const plan = planOf(
      'total{} = x',
      '[{source_labels: [asserts_name, account], regex: "x;(.+)", target_label: asserts_env}]',
    );
    const scope = { env: { labels: [] }, site: { labels: [] } };
    const contextualizer = new Contextualizer(plan);
    expect(contextualizer.contextualize(series('x{account="42"}'), scope)).toMatchObject({ kind: 'mapped' });
    expect(contextualizer.contextualize(series('x'), scope)).toMatchObject({
      kind: 'dropped',
      reason: 'no_asserts_env',
    });
  });
});

describe('what a Contextualizer drops', () => {
  it('says which labels it looked for in vain', () => {
    const scope = { env: { labels: ['stage', 'env'] }, site: { labels: [] } };
    expect(new Contextualizer(planOf('total = x')).contextualize(series('x'), scope)).toEqual({
      kind: 'dropped',
      reason: 'no_asserts_env',
      detail: expect.stringMatching(/^none of stage, env has a value.*scope\.env\.labels/),
    });
  });

  it('says which relabel config dropped', () => {
    const plan = planOf(
      'total = x',
      '\n  - {target_label: a, replacement: b}\n  - {source_labels: [foo], regex: bar, action: drop}',
    );
    expect(new Contextualizer(plan).contextualize(series('x{foo="bar"}'), SCOPE)).toEqual({
      kind: 'dropped',
      reason: 'relabel_drop',
      detail: 'relabel.yml:3: action drop on foo with regex "bar"',
    });
  });

  it('says which rules it tried', () => {
    const contextualizer = new Contextualizer(planOf('total = x{code="1"}'));
    expect(contextualizer.contextualize(series('y'), SCOPE)).toMatchObject({
      reason: 'no_rule_matched',
      detail: 'no rule reads y',
    });
    expect(contextualizer.contextualize(series('x{code="2"}'), SCOPE)).toMatchObject({
      reason: 'no_rule_matched',
      detail: 'no selector matches its labels; tried x{code="1"} (rules.yml:4)',
    });
  });

  it('refuses a second raw series that would become the first one, and names both', () => {
    const contextualizer = new Contextualizer(planOf('total{pod=""} = x'));
    expect(outputs(contextualizer, 'x{pod="a"}')).toHaveLength(1);
    const refused = contextualizer.contextualize(series('x{pod="b"}'), SCOPE);
    expect(refused).toMatchObject({ kind: 'dropped', reason: 'colliding_series' });
    expect(refused).toMatchObject({
      detail: expect.stringMatching(
        /^x\{pod="b"\} would become total\{.*\}, which x\{pod="a"\} already is \(rule rules\.yml:4\)/,
      ),
    });
    expect(outputs(contextualizer, 'x{pod="a"}')).not.toEqual(['colliding_series']);
    expect(outputs(contextualizer, 'x{pod="b"}')).toEqual(['colliding_series']);
  });

  it('refuses two rules that make one series of one', () => {
    const contextualizer = new Contextualizer(planOf('total = x\ntotal = {__name__="x"} * 2'));
    expect(contextualizer.contextualize(series('x'), SCOPE)).toMatchObject({
      reason: 'colliding_series',
      detail: expect.stringMatching(/^the rules rules\.yml:4 and rules\.yml:5 both make total/),
    });
  });

  it('keeps sources apart, by their scope and by their name', () => {
    const contextualizer = new Contextualizer(planOf('total{pod=""} = x'));
    const twin = structuredClone(SCOPE);
    expect(contextualizer.contextualize(series('x{pod="a"}'), SCOPE, 'one')).toMatchObject({ kind: 'mapped' });
    expect(contextualizer.contextualize(series('x{pod="b"}'), SCOPE, 'two')).toMatchObject({ kind: 'mapped' });
    expect(contextualizer.contextualize(series('x{pod="c"}'), twin, 'one')).toMatchObject({ kind: 'mapped' });
    expect(contextualizer.contextualize(series('x{pod="d"}'), SCOPE, 'one')).toMatchObject({ kind: 'dropped' });
  });
});

describe('what a Contextualizer remembers', () => {
  it('is what it computed', () => {
    const contextualizer = new Contextualizer(planOf('total = x'));
    const first = contextualizer.contextualize(series('x{a="1"}'), SCOPE);
    expect(contextualizer.contextualize(series('x{a="1"}'), SCOPE)).toBe(first);
    expect(contextualizer.contextualize(series('y'), SCOPE).kind).toBe('dropped');
    expect(contextualizer.contextualize(series('y'), SCOPE).kind).toBe('dropped');
    expect(contextualizer.cacheStats).toEqual({ hits: 2, misses: 2, evictions: 0, entries: 2 });
  });

  it('is bounded over all sources, forgets the least recently seen, and frees what it claimed', () => {
    const contextualizer = new Contextualizer(planOf('total{pod=""} = {__name__=~"x|y"}'), { maxEntries: 2 });
    const other = structuredClone(SCOPE);
    contextualizer.contextualize(series('x{pod="a"}'), SCOPE);
    contextualizer.contextualize(series('y{pod="a"}'), SCOPE);
    contextualizer.contextualize(series('x{pod="a"}'), SCOPE);
    contextualizer.contextualize(series('z'), other);
    expect(contextualizer.cacheStats).toMatchObject({ entries: 2, evictions: 1 });
    // y{pod="a"} was forgotten, so its place is free; x{pod="a"} was seen later and still owns its own.
    expect(contextualizer.contextualize(series('x{pod="b"}'), SCOPE)).toMatchObject({ reason: 'colliding_series' });
    expect(contextualizer.contextualize(series('y{pod="b"}'), SCOPE)).toMatchObject({ kind: 'mapped' });
  });

  it('stays where more series come round and round than there is room for, until they come no more', () => {
    let now = 0;
    const contextualizer = new Contextualizer(planOf('total = x'), { maxEntries: 100, now: () => now });
    const hits = (pods: string) => {
      const before = contextualizer.cacheStats.hits;
      for (let i = 0; i < 150; i++) contextualizer.contextualize(series(`x{pod="${pods}${i}"}`), SCOPE);
      now += 15_000;
      return contextualizer.cacheStats.hits - before;
    };
    hits('a');
    const rounds = Array.from({ length: 60 }, () => hits('a'));
    expect(rounds.filter((count) => count >= 90).length).toBeGreaterThan(50);
    const others = Array.from({ length: 60 }, () => hits('b'));
    expect(others[0]).toBe(0);
    expect(others.at(-1)).toBeGreaterThanOrEqual(90);
    expect(contextualizer.cacheStats.entries).toBe(100);
  });

  it('gives a source its share while another fills all', () => {
    const contextualizer = new Contextualizer(planOf('total = x'), { maxEntries: 100, now: () => 0 });
    const other = structuredClone(SCOPE);
    const send = (scope: typeof SCOPE, count: number) => {
      for (let i = 0; i < count; i++) contextualizer.contextualize(series(`x{pod="${i}"}`), scope);
    };
    for (let i = 0; i < 3; i++) send(SCOPE, 100);
    for (let i = 0; i < 3; i++) send(other, 40);
    const before = contextualizer.cacheStats.hits;
    send(other, 40);
    expect(contextualizer.cacheStats.hits - before).toBe(40);
    expect(contextualizer.cacheStats.entries).toBe(100);
  });

  it('never changes an answer', () => {
    const plan = planOf('a = x\nb = x{l="1"}\nc{l=""} = y');
    const labels = fc
      .dictionary(fc.constantFrom('l', 'm', 'env'), fc.constantFrom('1', '2', ''))
      .chain((rest) => fc.constantFrom('x', 'y', 'z').map((name) => Labels.from({ ...rest, __name__: name })));
    fc.assert(
      fc.property(fc.array(labels, { maxLength: 40 }), (list) => {
        const small = new Contextualizer(plan, { maxEntries: 3 });
        for (const raw of list) {
          const got = small.contextualize(raw, SCOPE);
          if (got.kind === 'dropped' && got.reason === 'colliding_series') continue;
          const fresh = new Contextualizer(plan).contextualize(raw, SCOPE);
          expect(JSON.stringify(got)).toBe(JSON.stringify(fresh));
        }
      }),
    );
  });
});
