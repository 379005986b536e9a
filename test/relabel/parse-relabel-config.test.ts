import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseRelabelConfig, RELABEL_DEFAULTS } from '../../lib/relabel/parse-relabel-config.ts';

function problems(yaml: string): string[] {
  const parsed = parseRelabelConfig(parse(yaml));
  return 'problems' in parsed ? parsed.problems.map(({ key, message }) => `${key}: ${message}`) : [];
}

describe('parseRelabelConfig', () => {
  it('fills in the defaults of Prometheus', () => {
    expect(parseRelabelConfig({ target_label: 'a' })).toEqual({ config: { ...RELABEL_DEFAULTS, targetLabel: 'a' } });
  });

  it('reads every key', () => {
    const yaml =
      '{source_labels: [a, b], separator: "", target_label: s, regex: x, modulus: "8", replacement: 1, action: HashMod}';
    expect(parseRelabelConfig(parse(yaml))).toEqual({
      config: {
        sourceLabels: ['a', 'b'],
        separator: '',
        targetLabel: 's',
        regex: 'x',
        modulus: 8,
        replacement: '1',
        action: 'hashmod',
      },
    });
  });

  it.each([
    ['{source_labels: [a]}', /^target_label: is required for action replace; name the label to write$/],
    ['{action: hashmod, target_label: a}', /^modulus: is required for action hashmod/],
    [
      '{action: lowercase, target_label: a, replacement: b}',
      /^replacement: has no meaning for action lowercase; remove it$/,
    ],
    ['{action: keepequal, target_label: a, regex: b}', /^regex: has no meaning/],
    ['{action: labeldrop, source_labels: [a]}', /^source_labels: has no meaning/],
    ['{action: labelmap, regex: a, replacement: "$1-x"}', /^replacement: .* does not make a label name$/],
    ['{target_label: "a-b"}', /^target_label: "a-b" is not a label name$/],
    ['{action: lowercase, target_label: "${1}"}', /^target_label: .* is not a label name$/],
    ['{target_label: a, regex: "("}', /^regex: error parsing regexp: missing closing \).*write it in RE2 syntax$/],
    ['{target_label: a, action: replace_all}', /^action: unknown action "replace_all"; use one of replace, keep,/],
    [
      '{target_label: a, sourcelabels: [b]}',
      /^sourcelabels: is not a key of a relabel config; the keys are source_labels,/,
    ],
    ['{target_label: a, source_labels: b}', /^source_labels: must be a list of label names/],
    ['{target_label: a, modulus: -1}', /^modulus: must be a whole number, got -1$/],
    ['{target_label: [a]}', /^target_label: must be a string/],
    ['[a]', /^: must be a map/],
  ])('refuses %s', (yaml, expected) => {
    expect(problems(yaml)[0]).toMatch(expected);
  });

  it('reports all mistakes at once', () => {
    expect(problems('{action: nope, modulus: x, source_labels: 1, extra: 2}')).toHaveLength(4);
  });
});
