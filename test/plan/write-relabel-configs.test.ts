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
      'a = cpu{mode!="idle"}\nb = disk{device!~"loop.*|ram.*"}\nc = net{device!~"loop.*|ram.*"}\nd = up',
      '[{source_labels: [uri], separator: "", regex: /health, action: drop}]',
    );
    expect(parse(writeRelabelConfigs(plan))).toEqual({
      write_relabel_configs: [
        { source_labels: ['__name__'], regex: 'cpu|disk|net|up', action: 'keep' },
        { source_labels: ['uri'], separator: '', regex: '/health', action: 'drop' },
        { source_labels: ['__name__', 'mode'], regex: '(?:cpu);(?:idle)', action: 'drop' },
        { source_labels: ['__name__', 'device'], regex: '(?:disk|net);(?:loop.*|ram.*)', action: 'drop' },
      ],
    });
  });

  it('decides by a mark where rules ask for values of labels', () => {
    const { write_relabel_configs: configs } = parse(
      writeRelabelConfigs(planOf('a = x{code="1", job!="t"}\nb = y{code="1"}\nc = z{code=~"5.."}\nd = up')),
    );
    const mark = (sources: string[], regex: string, replacement: string) => ({
      source_labels: sources,
      regex,
      target_label: '__tmp_tributary',
      replacement,
    });
    expect(configs).toEqual([
      { source_labels: ['__name__'], regex: 'x|y|z|up', action: 'keep' },
      mark(['__name__'], 'x|y|z', 'open'),
      mark(['__tmp_tributary', '__name__'], 'open;(?:x)', 'at1'),
      mark(['__tmp_tributary', 'code'], 'at1;(?:1)', 'at2'),
      mark(['__tmp_tributary', 'job'], 'at2;(?:t)', 'open'),
      mark(['__tmp_tributary'], 'at2', 'needed'),
      mark(['__tmp_tributary'], 'at[0-9]+', 'open'),
      mark(['__tmp_tributary', '__name__'], 'open;(?:y)', 'at1'),
      mark(['__tmp_tributary', 'code'], 'at1;(?:1)', 'needed'),
      mark(['__tmp_tributary'], 'at[0-9]+', 'open'),
      mark(['__tmp_tributary', '__name__'], 'open;(?:z)', 'at1'),
      mark(['__tmp_tributary', 'code'], 'at1;(?:5..)', 'needed'),
      mark(['__tmp_tributary'], 'at[0-9]+', 'open'),
      { source_labels: ['__tmp_tributary'], regex: 'open', action: 'drop' },
      { regex: '__tmp_tributary', action: 'labeldrop' },
    ]);
  });

  it('keeps everything where a relabel config writes names', () => {
    expect(parse(writeRelabelConfigs(planOf('a = x', '[{target_label: __name__, replacement: x}]')))).toEqual({
      write_relabel_configs: [],
    });
  });

  it('lets through what the door lets through, and nothing else', () => {
    const selector = fc
      .tuple(
        fc.constantFrom('x', 'y', '{__name__=~"x|z"}', '{__name__=~"z.*"}', '{c="1"}', 'x{c!="2"}'),
        fc.constantFrom('a', 'b'),
        fc.constantFrom('=', '!=', '=~', '!~'),
        fc.constantFrom('', '1', '1|2', '.+'),
      )
      .map(([name, label, op, value]) =>
        name.includes('{') ? name.replace('}', `, ${label}${op}"${value}"}`) : `${name}{${label}${op}"${value}"}`,
      );
    const raw = fc
      .tuple(
        fc.constantFrom('x', 'y', 'z', 'zz'),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', '3')),
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
          for (const labels of list) {
            const sent = selects(labels) ? labels : undefined;
            expect([selectors, labels, relabel(labels, configs)]).toEqual([selectors, labels, sent]);
          }
        },
      ),
    );
  });
});
