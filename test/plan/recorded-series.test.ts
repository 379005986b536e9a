import { describe, expect, it } from 'vitest';
import { mayCoincide, maySelect, recordedSeries, selectedNames } from '../../lib/plan/recorded-series.ts';
import { parseExpr } from '../../lib/promql/parse.ts';
import { selectorsOf } from '../../lib/promql/walk.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';

const seriesOf = (rule: string) => {
  const [parsed] = parseRuleFile('r.yml', `groups: [{name: g, rules: [${rule}]}]`).groups[0]?.rules ?? [];
  if (parsed === undefined) throw new Error(`no rule: ${rule}`);
  return recordedSeries(parsed);
};
const matchersOf = (selector: string) => selectorsOf(parseExpr(selector))[0]?.matchers ?? [];

describe('the series that a rule records', () => {
  const sum = seriesOf('{record: "a:sum", expr: "sum by (job) (x)", labels: {env: prod, gone: ""}}');
  const alert = seriesOf('{alert: High, expr: "x > 1", labels: {severity: page, where: "{{ $labels.x }}"}}');

  it.each([
    ['a:sum', true],
    ['a:sum{env="prod"}', true],
    ['a:sum{env="dev"}', false],
    ['a:sum{job="any"}', true],
    ['a:sum{other="1"}', false],
    ['a:sum{other!="1"}', true],
    ['a:sum{gone!=""}', false],
    ['{__name__=~"a:.*",job="x"}', true],
    ['{__name__!~"a:.*",job="x"}', false],
    ['{job="x"}', true],
  ])('may be found by %s: %s', (selector, expected) => {
    expect(maySelect(matchersOf(selector), sum)).toBe(expected);
  });

  it.each([
    ['ALERTS{alertname="High",severity="page"}', true],
    ['ALERTS_FOR_STATE{where="x",anything="y"}', true],
    ['ALERTS{alertname="Low"}', false],
  ])('of an alert may be found by %s: %s', (selector, expected) => {
    expect(maySelect(matchersOf(selector), alert)).toBe(expected);
  });

  it('coincide only where nothing keeps them apart', () => {
    const other = (rule: string) => mayCoincide(sum, seriesOf(rule));
    expect(other('{record: "a:sum", expr: "sum by (job, env) (y)"}')).toBe(true);
    expect(other('{record: "a:sum", expr: "sum by (job) (y)"}')).toBe(false);
    expect(other('{record: "a:sum", expr: "y", labels: {env: dev}}')).toBe(false);
    expect(other('{record: "b:sum", expr: "y"}')).toBe(false);
  });
});

describe('the names that a selector can find', () => {
  it.each([
    ['x', ['x']],
    ['{__name__=~"x|y"}', ['x', 'y']],
    ['{__name__=~"x|y",__name__!="x"}', ['y']],
    ['{__name__=~"x.*"}', undefined],
    ['{job="x"}', undefined],
  ])('%s', (selector, expected) => {
    expect(selectedNames(matchersOf(selector))).toEqual(expected);
  });
});
