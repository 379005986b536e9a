import { describe, expect, it } from 'vitest';
import { MistakesError } from '../../lib/rules/mistake.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';

function mistakes(text: string): string[] {
  try {
    parseRuleFile('r.yml', text);
    return [];
  } catch (error) {
    if (!(error instanceof MistakesError)) throw error;
    return error.message.split('\n');
  }
}

describe('parseRuleFile', () => {
  it('reads everything that Prometheus has in a rule file', () => {
    const file = parseRuleFile(
      'r.yml',
      `groups:
  - name: one
    interval: 1m30s
    query_offset: 10s
    limit: 5
    labels: {team: a, kind: group}
    rules:
      - record: job:foo:sum
        expr: |
          sum(foo)
            by (job)
        labels:
          kind: 1
      - alert: Down
        expr: up == 0
        for: 5m
        keep_firing_for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $labels.job }} is down"}
`,
    );
    const [group] = file.groups;
    expect(group).toMatchObject({ name: 'one', interval: 90_000, queryOffset: 10_000, limit: 5 });
    expect(group?.rules[0]).toMatchObject({
      kind: 'recording',
      record: 'job:foo:sum',
      expr: 'sum(foo)\n  by (job)',
      labels: { team: 'a', kind: '1' },
      line: 8,
      lines: { record: 8, expr: 9, labels: 12, 'labels.kind': 13 },
    });
    expect(group?.rules[1]).toMatchObject({
      kind: 'alerting',
      alert: 'Down',
      for: 300_000,
      keepFiringFor: 60_000,
      labels: { team: 'a', kind: 'group', severity: 'page' },
      annotations: { summary: '{{ $labels.job }} is down' },
    });
  });

  it('reads anchors and merge keys', () => {
    const file = parseRuleFile(
      'r.yml',
      `groups:
  - name: g
    rules:
      - record: a
        expr: foo
        labels: &labels {x: "1", y: "2"}
      - record: b
        expr: bar
        labels:
          <<: *labels
          y: "3"
`,
    );
    expect(file.groups[0]?.rules[1]?.labels).toEqual({ x: '1', y: '3' });
  });
});

describe('mistakes in a rule file', () => {
  const rules = (text: string) => mistakes(`groups:\n  - name: g\n    rules:\n      - ${text}\n`);

  it('are all found, in groups and rules', () => {
    expect(
      mistakes(`groups:
  - name: g
    intervall: 1m
    rules:
      - record: a-b
        expr: foo
      - alert: A
        record: a
        expr: foo
      - record: d
        expr: foo
        for: 5x
        labels: {__name__: x, "a-b": y, ok: [1]}
  - rules: nothing
    limit: many
`),
    ).toEqual([
      'r.yml:3: groups[0].intervall: is not a key that is known here; remove it or use one of name, interval, query_offset, limit, labels, rules',
      'r.yml:5: groups[0].rules[0].record: "a-b" is not a metric name; use letters, digits, _ and :',
      'r.yml:7: groups[0].rules[1].alert: stands beside record; a rule either records or alerts',
      'r.yml:12: groups[0].rules[2].for: must be a duration such as 30s or 5m',
      'r.yml:13: groups[0].rules[2].labels.ok: must be a string; quote it',
      'r.yml:14: groups[1].name: is missing; give the group a name',
      'r.yml:15: groups[1].limit: must be a whole number',
      'r.yml:14: groups[1].rules: must be a list of rules',
    ]);
  });

  it.each([
    ['{expr: foo}', /^r\.yml:4: groups\[0\]\.rules\[0\]\.record: is missing; give record \(or alert\) a name$/],
    ['{record: a}', /\.expr: is missing; give the PromQL expression/],
    ['{record: a, expr: ""}', /\.expr: is empty/],
    ['{record: a, expr: "sum("}', /\.expr: .*parse error.* in "sum\("$/],
    ['{record: a, expr: foo, for: 5m}', /\.for: has no meaning for a recording rule; remove it$/],
    ['{record: a, expr: foo, annotations: {}}', /\.annotations: has no meaning/],
    ['{record: "a{b=1}", expr: foo}', /\.record: .* selectors belong into expr$/],
    ['{record: a, expr: foo, labels: {__name__: x}}', /\.labels\.__name__: cannot be set by a label/],
    ['{record: a, expr: foo, labels: {"a-b": x}}', /\.labels\.a-b: "a-b" is not a label name/],
    ['{record: a, expr: foo, record: b}', /^r\.yml:4: this is not YAML: map keys must be unique/],
    ['{record: a, expr: foo', /^r\.yml:\d: this is not YAML/],
    ['nothing', /must be a map with the keys record, alert/],
  ])('%s', (text, expected) => {
    expect(rules(text)[0]).toMatch(expected);
  });

  it('include groups of one name and files without groups', () => {
    expect(mistakes('groups: [{name: g, rules: []}, {name: g, rules: []}]')[0]).toMatch(
      /^r\.yml:1: groups\[1\]\.name: group "g" is in this file twice/,
    );
    expect(mistakes('')[0]).toMatch(/must be a map with the keys groups/);
    expect(mistakes('rules: []')).toHaveLength(2);
  });
});
