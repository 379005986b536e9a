import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Labels } from '../../lib/model/labels.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { writeRelabelConfigs } from '../../lib/plan/write-relabel-configs.ts';
import { parseRelabelConfig } from '../../lib/relabel/parse-relabel-config.ts';
import { relabel } from '../../lib/relabel/relabel.ts';
import type { RelabelConfig } from '../../lib/relabel/relabel-config.ts';
import { planOf } from './fixture.ts';

function configsOf(yaml: string): RelabelConfig[] {
  return parse(yaml).write_relabel_configs.map((value: unknown) => {
    const parsed = parseRelabelConfig(value);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    return parsed.config;
  });
}

describe('writeRelabelConfigs', () => {
  it('keeps the names, drops what relabel configs drop, and what one rule alone excludes', () => {
    const plan = planOf(
      'a = cpu{mode!="idle"}\nb = disk{device!~"loop.*|ram.*"}\nc = net{device!~"loop.*|ram.*"}\nd = x{code!="1"}\ne = x{code="1"}',
      '[{source_labels: [uri], separator: "", regex: /health, action: drop}]',
    );
    expect(parse(writeRelabelConfigs(plan))).toEqual({
      write_relabel_configs: [
        { source_labels: ['__name__'], regex: 'cpu|disk|net|x', action: 'keep' },
        { source_labels: ['uri'], separator: '', regex: '/health', action: 'drop' },
        { source_labels: ['__name__', 'mode'], regex: '(?:cpu);(?:idle)', action: 'drop' },
        { source_labels: ['__name__', 'device'], regex: '(?:disk|net);(?:loop.*|ram.*)', action: 'drop' },
      ],
    });
  });

  it('names the plan it was made from', () => {
    const plan = planOf('a = x');
    expect(writeRelabelConfigs(plan)).toContain(`plan ${plan.version}`);
  });

  it('keeps everything where a plan cannot select by name', () => {
    expect(parse(writeRelabelConfigs(planOf('a = {job="x"}')))).toEqual({ write_relabel_configs: [] });
    expect(parse(writeRelabelConfigs(planOf('a = x', '[{target_label: __name__, replacement: x}]')))).toEqual({
      write_relabel_configs: [],
    });
  });

  it('never drops what the door lets through', () => {
    const selector = fc
      .tuple(
        fc.constantFrom('x', 'y', '{__name__=~"x|z"}', '{__name__=~"z.*"}'),
        fc.constantFrom('a', 'b'),
        fc.constantFrom('=', '!=', '=~', '!~'),
        fc.constantFrom('', '1', '1|2', '.+'),
      )
      .map(([name, label, op, value]) =>
        name.startsWith('{') ? name.replace('}', `, ${label}${op}"${value}"}`) : `${name}{${label}${op}"${value}"}`,
      );
    const raw = fc
      .tuple(
        fc.constantFrom('x', 'y', 'z', 'zz'),
        fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', '3')),
      )
      .map(([name, rest]) => Labels.from({ ...rest, __name__: name }));
    fc.assert(
      fc.property(
        fc.array(selector, { minLength: 1, maxLength: 4 }),
        fc.array(raw, { minLength: 5 }),
        (selectors, list) => {
          const plan = planOf(selectors.map((text, i) => `r${i} = ${text}`).join('\n'));
          const configs = configsOf(writeRelabelConfigs(plan));
          const selects = newSelection(plan);
          for (const labels of list)
            if (selects(labels))
              expect([selectors, labels, relabel(labels, configs)]).toEqual([selectors, labels, labels]);
        },
      ),
    );
  });
});
