import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { series } from '../model/series.ts';
import { planOf, SCOPE } from './fixture.ts';

describe('newSelection', () => {
  it('knows names that no rule can use, whatever the other labels', () => {
    const { usesName } = newSelection(planOf('a = x{code=~"5.."}\nb = {__name__=~"y.*", l!="1"}\nc = z{job="api"}'));
    expect(['x', 'yes', 'z', 'xx', 'no', ''].map((name) => usesName(name))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(newSelection(planOf('a = {job="api"}')).usesName('any')).toBe(true);
  });

  it('knows names of which every series is used and none is dropped', () => {
    const rules = 'a = x\nb = x{code="500"}\nc = {__name__=~"y.*"}\nd = z{job="api"}\ne = w';
    const drop = '[{source_labels: [__name__, uri], regex: w;/health, action: drop}]';
    const names = ['x', 'yes', 'z', 'w', 'no'];
    expect(names.map(newSelection(planOf(rules)).wantsName)).toEqual([true, true, false, true, false]);
    expect(names.map(newSelection(planOf(rules, drop)).wantsName)).toEqual([true, true, false, false, false]);
    expect(newSelection(planOf('a = {job="api"}')).wantsName('any')).toBe(false);
  });

  it('lets through what some rule can use', () => {
    const selects = newSelection(planOf('a = x{code=~"5.."}\nb = {__name__=~"y.*"}\nc = {__name__=~"p|q", l="1"}'));
    expect(['x{code="500"}', 'yes', 'q{l="1"}'].map((text) => selects(series(text)))).toEqual([true, true, true]);
    expect(['x{code="200"}', 'xx', 'q', 'no', '{a="b"}'].map((text) => selects(series(text)))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('refuses what a relabel config is going to drop, as far as raw labels tell', () => {
    const selects = newSelection(
      planOf(
        'a = x',
        '[{source_labels: [uri], regex: /health, action: drop}, {target_label: z, replacement: y}, {source_labels: [z], regex: y, action: drop}]',
      ),
    );
    expect(selects(series('x{uri="/health"}'))).toBe(false);
    expect(selects(series('x{uri="/cart"}'))).toBe(true);
  });

  it('never refuses what the contextualizer would use, whatever the relabel configs do', () => {
    const name = fc.constantFrom('x', 'y');
    const label = fc.constantFrom('a', 'b', 'c');
    const value = fc.constantFrom('1', '2');
    const selector = fc
      .tuple(name, label, fc.constantFrom('=', '!=', '=~', '!~'), fc.constantFrom('1', '2', '', '1|2', '.+'))
      .map(([metric, l, op, v]) => `${metric}{${l}${op}"${v}"}`);
    const config = fc.oneof(
      fc
        .tuple(label, label, fc.constantFrom('1', '(.+)', ''))
        .map(
          ([from, to, regex]) => `{source_labels: [${from}], regex: "${regex}", target_label: ${to}, replacement: "2"}`,
        ),
      fc.tuple(label, value).map(([from, regex]) => `{source_labels: [${from}], regex: "${regex}", action: drop}`),
      fc
        .tuple(label, value)
        .map(([from, regex]) => `{source_labels: [${from}, __name__], regex: "(${regex})?;x", action: keep}`),
      label.map((regex) => `{regex: "${regex}", action: labeldrop}`),
      label.map((regex) => `{regex: "__name__|asserts_.*|${regex}", action: labelkeep}`),
      label.map((regex) => `{regex: "(${regex})", replacement: "c", action: labelmap}`),
      fc.constant('{source_labels: [a], regex: "([abc])", target_label: "${1}", replacement: "1"}'),
      fc.constant('{source_labels: [a], regex: "1", target_label: __name__, replacement: "y"}'),
      fc.tuple(label, label).map(([from, to]) => `{source_labels: [${from}], target_label: ${to}, action: dropequal}`),
    );
    const labels = fc
      .tuple(name, fc.dictionary(label, value))
      .map(([metric, rest]) => Labels.from({ ...rest, __name__: metric }));
    fc.assert(
      fc.property(
        fc.array(selector, { minLength: 1, maxLength: 3 }),
        fc.array(config, { maxLength: 3 }),
        fc.array(labels),
        (selectors, configs, list) => {
          const plan = planOf(selectors.map((text, i) => `r${i} = ${text}`).join('\n'), `[${configs.join(', ')}]`);
          const selects = newSelection(plan);
          for (const raw of list) {
            if (selects(raw)) expect(selects.usesName(raw.metricName)).toBe(true);
            else expect(selects.wantsName(raw.metricName)).toBe(false);
            const used = new Contextualizer(plan).contextualize(raw, SCOPE).kind === 'mapped';
            if (used)
              expect([configs, plan.selection, raw.toString(), selects(raw)]).toEqual([
                configs,
                plan.selection,
                raw.toString(),
                true,
              ]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
