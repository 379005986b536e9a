import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Labels } from '../../lib/model/labels.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import type { MatcherSpec, Plan } from '../../lib/plan/plan.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { writeRelabelConfigs } from '../../lib/plan/write-relabel-configs.ts';
import { parseRelabelConfig } from '../../lib/relabel/parse-relabel-config.ts';
import { relabel } from '../../lib/relabel/relabel.ts';
import type { RelabelConfig } from '../../lib/relabel/relabel-config.ts';
import { loadPack } from '../../lib/rules/pack.ts';
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

  it('says what the door says of the series of every pack there is', () => {
    const plan = compilePlan({ packs: readdirSync(PACKS).map(packAt) });
    const configs = configsOf(writeRelabelConfigs(plan));
    const selects = newSelection(plan);
    let selected = 0;
    const all = [...seriesAround(plan)];
    for (const labels of all) {
      const sent = relabel(labels, configs);
      expect([labels.toString(), sent?.toString()]).toEqual([
        labels.toString(),
        selects(labels) ? labels.toString() : undefined,
      ]);
      if (sent !== undefined) selected++;
    }
    expect(selected).toBeGreaterThan(all.length / 20);
    expect(selected).toBeLessThan(all.length * 0.95);
  }, 60_000);
});

const PACKS = new URL('../../rules/packs/', import.meta.url).pathname;

function packAt(name: string) {
  return loadPack({ name, folder: PACKS + name, shownAs: `rules/packs/${name}`, strict: true });
}

/** For each term of a plan series with its names, and values that terms of these names ask for or exclude. */
function* seriesAround(plan: Plan): Generator<Labels> {
  const values = new Map<string, Set<string>>();
  const labelsOf = new Map<string, Set<string>>();
  for (const { matchers } of plan.selection) {
    for (const { name, type, value } of matchers) {
      if (name === '__name__') continue;
      const known = values.get(name) ?? new Set(['', 'other']);
      const texts =
        type === '=' || type === '!='
          ? [value]
          : value.split('|').map((text) => text.replace(/[\\^$.*+?()[\]{}]/g, ''));
      values.set(name, new Set([...known, ...texts]));
      for (const metric of namesOf(matchers)) labelsOf.set(metric, (labelsOf.get(metric) ?? new Set()).add(name));
    }
  }
  let turn = 0;
  for (const metric of new Set(plan.selection.flatMap(({ matchers }) => namesOf(matchers)))) {
    for (let i = 0; i < 3; i++) {
      const labels = [...(labelsOf.get(metric) ?? [])].map((name) => {
        const known = [...(values.get(name) ?? [])];
        // A stride that is prime to most sizes: other combinations each time, and the same ones in every run.
        turn += 7;
        return [name, known[turn % known.length] ?? ''];
      });
      yield Labels.from({ ...Object.fromEntries(labels), __name__: metric });
    }
  }
}

function namesOf(matchers: readonly MatcherSpec[]): readonly string[] {
  const name = matchers.find((matcher) => matcher.name === '__name__');
  return name === undefined ? [] : (new Matcher(name.type, name.name, name.value).setMatches ?? []);
}
