import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../../lib/context/identity.ts';
import type { Labels } from '../../../lib/model/labels.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import { findRaw } from '../../../lib/plan/explain/find-raw.ts';
import { formerValues } from '../../../lib/plan/explain/invert-label.ts';
import { invertValue } from '../../../lib/plan/explain/invert-value.ts';
import { labelChanges } from '../../../lib/plan/explain/label-changes.ts';
import { traceSeries } from '../../../lib/plan/explain/trace-series.ts';
import type { MappingRule, Plan } from '../../../lib/plan/plan.ts';
import { series } from '../../model/series.ts';
import { mappingOf, relabelOf } from './plan-parts.ts';

const SCOPE = { env: { labels: ['asserts_env', 'env'], default: 'demo' }, site: { labels: ['region'] } };

/** Runs raw labels forward, and asks for the way back. */
function roundTrip(raw: Labels, plan: Pick<Plan, 'relabelConfigs' | 'mappings'>) {
  const contextualizer = new Contextualizer(plan);
  const result = contextualizer.preview(raw, SCOPE);
  if (result.kind === 'dropped') throw new Error(result.detail);
  return result.outputs.map(({ labels, rule }) => ({
    labels,
    rule: rule as MappingRule,
    found: findRaw(labels, { plan, contextualizer, rule, scope: SCOPE }),
  }));
}

describe('the way back to the raw series', () => {
  it.each([
    ['plain', 'raw{env="prod",job="a"}', []],
    ['the default environment', 'raw{job="a"}', []],
    ['a label that the rule takes away', 'raw{job="a"}', []],
    ['a label written from another', 'raw{job="a",uri="/cart/12345"}', ['uri -> asserts_request_context']],
  ])('%s', (_, text, configs) => {
    const raw = series(text);
    const relabelConfigs = configs.map(() =>
      relabelOf({ source_labels: ['uri'], target_label: 'asserts_request_context' }),
    );
    const mappings = [mappingOf('out', 'raw / 1000', { kind: 'x' })];
    for (const { found } of roundTrip(raw, { relabelConfigs, mappings }))
      expect(found?.raw.toString()).toBe(String(raw));
  });

  it('finds what was rewritten in place, where the regex spells it out', () => {
    const mappings = [
      mappingOf(
        'out',
        'label_replace(label_replace(raw, "le", "0.$1", "le", "([0-9]{3})"), "method", "GET", "method", "get")',
      ),
    ];
    const relabelConfigs = [
      relabelOf({ source_labels: ['pod'], target_label: 'pod', regex: 'pod-(.+)', replacement: '$1' }),
      relabelOf({ source_labels: ['verb'], target_label: 'verb', action: 'uppercase' }),
    ];
    const raw = series('raw{job="a",le="250",method="get",pod="pod-7"}');
    expect(
      roundTrip(raw.with({ method: 'POST', pod: 'x' }), { relabelConfigs, mappings })[0]?.found?.raw.get('le'),
    ).toBe('250');
    expect(roundTrip(raw.without('le', 'pod'), { relabelConfigs, mappings })[0]?.found).toMatchObject({
      uncertain: expect.arrayContaining(['method']),
    });
  });

  it('says so where a step overwrote what cannot be known any more', () => {
    const mappings = [mappingOf('out', 'label_replace(raw, "q", "other", "q", "[a-z]+")')];
    const [back] = roundTrip(series('raw{job="a",q="lost"}'), { relabelConfigs: [], mappings });
    // `other` maps to `other`: a raw series that becomes the same, and nobody can tell which it was.
    expect(back?.found?.raw.get('q')).toBe('other');
    const dropped = [mappingOf('out', 'raw{q="lost"}', { q: '' })];
    const [none] = roundTrip(series('raw{job="a",q="lost"}'), { relabelConfigs: [], mappings: dropped });
    expect(none?.found).toBeUndefined();
  });

  it('finds the raw series of one whose context was folded into the one for all others', () => {
    const relabelConfigs = [relabelOf({ source_labels: ['uri'], target_label: 'asserts_request_context' })];
    const plan = { relabelConfigs, mappings: [mappingOf('out', 'raw')] };
    const contextualizer = new Contextualizer(plan);
    const raw = series('raw{job="a",uri="/x/y"}');
    const result = contextualizer.preview(raw, SCOPE);
    const [output] = result.kind === 'mapped' ? result.outputs : [];
    if (output === undefined) throw new Error('nothing came out');
    const folded = output.labels.with({ asserts_request_context: '__other__' });
    const found = findRaw(folded, { plan, contextualizer, rule: output.rule, scope: SCOPE });
    expect(String(found?.raw)).toBe(String(raw));
    expect(found?.output.labels.get('asserts_request_context')).toBe('/x/y');
  });

  it('what it finds always becomes the same series again', () => {
    const mappings = [
      mappingOf('out', 'raw', { source: 's' }),
      mappingOf('other', 'label_join(raw, "j", "-", "a", "b")'),
    ];
    const relabelConfigs = [
      relabelOf({ source_labels: ['a', 'b'], target_label: 'c', regex: '(.+);(.+)' }),
      relabelOf({ source_labels: ['c'], target_label: 'b', regex: '(.+)' }),
    ];
    const value = fc.constantFrom('', '1', '2');
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, source) => {
        const raw = series('raw{job="x"}').with({ a, b, c, source });
        const contextualizer = new Contextualizer({ relabelConfigs, mappings });
        for (const { labels, rule, found } of roundTrip(raw, { relabelConfigs, mappings })) {
          if (found === undefined) continue;
          const again = contextualizer.preview(found.raw, SCOPE);
          const outputs = again.kind === 'mapped' ? again.outputs : [];
          expect(outputs.find((output) => output.rule === rule)?.labels.toString()).toBe(labels.toString());
        }
      }),
    );
  });
});

describe('values before their mapping', () => {
  it('map to the stored value again, and are as short as exporters write them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(3, 7, 10, 100, 1000, 1e6), (raw, operand) => {
        const map = (value: number) => value / operand;
        expect(invertValue([{ kind: 'divide', operand }], map, map(raw))).toEqual({ value: raw, exact: true });
      }),
    );
  });

  it('say when no value maps to the stored one', () => {
    const map = (value: number) => value * 3;
    expect(invertValue([{ kind: 'multiply', operand: 3 }], map, 1).exact).toBe(map(1 / 3) === 1);
    expect(invertValue([{ kind: 'multiply', operand: 1e300 }], (v) => v * 1e300, 5e-324).exact).toBe(false);
  });
});

it.each([
  ['a|b', 'x', 'x', ['a', 'b']],
  ['(?:a|b\\.c)', 'x', 'x', ['a', 'b.c']],
  ['pre-(.*)-post', '$1', 'v', ['pre-v-post']],
  ['pre-(.*)', 'new-${1}', 'new-v', ['pre-v']],
  ['pre-(.*)', 'new-$1', 'other', []],
  ['[a-z]+', 'x', 'x', []],
  ['(a)(b)', '$1', 'a', []],
])('regex %s with %s may have made %s of %j', (regex, replacement, value, guesses) => {
  const step = { kind: 'label_replace', targetLabel: 'l', sourceLabel: 'l', regex, replacement } as const;
  expect(formerValues('l', value, [], [step])).toEqual(guesses);
});

it('a trace tells every change, in order', () => {
  const relabelConfigs = [
    relabelOf({ source_labels: ['uri'], target_label: 'asserts_request_context' }),
    relabelOf({ source_labels: ['nothing'], target_label: 'unused', regex: '(.+)' }),
  ];
  const rule = mappingOf('out', 'raw / 1000', { kind: 'x' });
  const steps = traceSeries({ relabelConfigs }, series('raw{env="prod",uri="/cart/12345"}'), SCOPE, rule);
  expect(steps.map(({ step, what }) => `${step}: ${what}`)).toEqual([
    'scope: asserts_env from label env, asserts_site from nothing',
    'relabel: replace [uri] -> asserts_request_context',
    'mapping: raw / 1000',
  ]);
  expect(steps.at(-1)?.changes).toEqual([
    { label: '__name__', before: 'raw', after: 'out' },
    { label: 'asserts_name', before: '', after: 'raw' },
    { label: 'asserts_request_context', before: '/cart/12345', after: '/cart/{}' },
    { label: 'kind', before: '', after: 'x' },
  ]);
});

it('a trace tells what identity adds', () => {
  const scope = { ...SCOPE, identity: DEFAULT_IDENTITY };
  const steps = traceSeries(
    { relabelConfigs: [] },
    series('raw{pod="shop-6f9c84d57b-x2z45"}'),
    scope,
    mappingOf('out', 'raw'),
  );
  expect(steps.find(({ step }) => step === 'identity')?.changes).toEqual([
    { label: 'workload', before: '', after: 'shop' },
  ]);
});

it('finds the raw series without what identity adds', () => {
  const plan = { relabelConfigs: [], mappings: [mappingOf('out', 'raw')] };
  const contextualizer = new Contextualizer(plan);
  const scope = { ...SCOPE, identity: DEFAULT_IDENTITY };
  const result = contextualizer.preview(series('raw{job="a",pod="shop-6f9c84d57b-x2z45"}'), scope);
  const [output] = result.kind === 'mapped' ? result.outputs : [];
  if (output === undefined) throw new Error('nothing came out');
  const found = findRaw(output.labels, { plan, contextualizer, rule: output.rule, scope });
  expect([String(found?.raw), found?.uncertain]).toEqual([
    'raw{job="a", pod="shop-6f9c84d57b-x2z45"}',
    ['asserts_env', 'asserts_site', 'workload'],
  ]);
});

it('changes of labels', () => {
  expect(labelChanges(series('a{x="1",y="2"}'), series('b{y="2",z="3"}'))).toEqual([
    { label: '__name__', before: 'a', after: 'b' },
    { label: 'x', before: '1', after: '' },
    { label: 'z', before: '', after: '3' },
  ]);
});
