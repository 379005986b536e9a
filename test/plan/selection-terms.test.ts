import { describe, expect, it } from 'vitest';
import { formatSelector } from '../../lib/plan/describe-plan.ts';
import { writesMetricName } from '../../lib/plan/selection-terms.ts';
import { planOf } from './fixture.ts';

function terms(rules: string, relabel = '[]'): string[] {
  return planOf(rules, relabel).selection.map(({ matchers }) => formatSelector(matchers));
}

describe('selectionTerms', () => {
  it('keeps one term for what several rules ask, and drops terms that a wider one implies', () => {
    expect(terms('a = x{c="1"}\nb = x\nc = y{c="1"}\nd = y{c="1",d="2"}\ne = y{c="2"}')).toEqual([
      'x',
      'y{c="1"}',
      'y{c="2"}',
    ]);
  });

  it('leaves out labels that the scope writes', () => {
    expect(terms('a = x{asserts_env="prod",asserts_site!="",asserts_name="x",c="1"}')).toEqual(['x{c="1"}']);
  });

  it('leaves out labels that a relabel config may write', () => {
    expect(terms('a = x{b="1",c="1"}', '[{target_label: b}]')).toEqual(['x{c="1"}']);
    expect(terms('a = x{b="1",c="1"}', '[{regex: "m_(.+)", action: labelmap}]')).toEqual(['x']);
    expect(terms('a = x{b="1",c="1"}', '[{regex: m, replacement: b, action: labelmap}]')).toEqual(['x{c="1"}']);
    expect(terms('a = x{b="1",c="1"}', '[{source_labels: [d], target_label: "${1}_x"}]')).toEqual(['x']);
  });

  it('leaves a label out only for metrics that the config can concern', () => {
    const config = '[{source_labels: [__name__, exported_b], regex: "y_[^;]+;(.+)", target_label: b}]';
    expect(terms('a = x{b="1"}\nc = y_z{b="1"}\nd = {__name__=~"y_z1|y_z2",b="1"}', config)).toEqual([
      'x{b="1"}',
      'y_z',
      '{__name__=~"y_z1|y_z2"}',
    ]);
  });

  it('lets series through that may still get their identity', () => {
    expect(terms('a = x{pod="p.1",container!="POD"}\nb = y{namespace=~"a|b",node!="",c="1"}')).toEqual([
      'x{container!="POD", pod=~"p\\\\.1|"}',
      'y{c="1", namespace=~"(?:a|b)|"}',
    ]);
  });

  it('leaves out what an absent label satisfies, where a label may be removed', () => {
    expect(terms('a = x{b!="1",c="1"}', '[{regex: b, action: labeldrop}]')).toEqual(['x{c="1"}']);
    expect(terms('a = x{b="1",c!="1"}', '[{regex: "__name__|b", action: labelkeep}]')).toEqual(['x{b="1"}']);
  });

  it('cannot select by a name that relabelling writes', () => {
    const plan = planOf('a = x{b="1"}', '[{source_labels: [b], target_label: __name__}]');
    expect(plan.selection).toEqual([{ matchers: [{ type: '=', name: 'b', value: '1' }] }]);
    expect(writesMetricName(plan.relabelConfigs)).toBe(true);
    expect(writesMetricName(planOf('a = x', '[{source_labels: [__name__], target_label: b}]').relabelConfigs)).toBe(
      false,
    );
  });
});
