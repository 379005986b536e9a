import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Labels } from '../../lib/model/labels.ts';
import { parseRelabelConfig } from '../../lib/relabel/parse-relabel-config.ts';
import { compileRelabelConfigs, relabel } from '../../lib/relabel/relabel.ts';
import type { RelabelConfig } from '../../lib/relabel/relabel-config.ts';
import { series } from '../model/series.ts';

/** The configs of a YAML list, applied to a series in its usual spelling; `{}` when it is dropped. */
function f(yaml: string, before: string, after: string): void {
  const result = relabel(series(before), configs(yaml));
  expect(result?.toString() ?? '{}').toBe(series(after).size === 0 ? '{}' : series(after).toString());
}

function configs(yaml: string): RelabelConfig[] {
  return (parse(yaml) as unknown[]).map((value) => {
    const parsed = parseRelabelConfig(value);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    return parsed.config;
  });
}

describe('relabel', () => {
  it('replaces', () => {
    f('[{source_labels: [bar], target_label: x}]', 'foo{bar="baz"}', 'foo{bar="baz",x="baz"}');
    f('[{target_label: x, replacement: y}]', 'foo', 'foo{x="y"}');
    f(
      '[{source_labels: [bar], regex: "b(.)(.)", target_label: x, replacement: "$2-${1}b"}]',
      'foo{bar="baz"}',
      'foo{bar="baz",x="z-ab"}',
    );
    f(
      '[{source_labels: [bar], regex: "b(?P<rest>.*)", target_label: x, replacement: "${rest}!"}]',
      'foo{bar="baz"}',
      'foo{bar="baz",x="az!"}',
    );
    f(
      '[{source_labels: [__name__, bar], separator: "-", target_label: x}]',
      'foo{bar="baz"}',
      'foo{bar="baz",x="foo-baz"}',
    );
    f('[{source_labels: [bar], target_label: __name__}]', 'foo{bar="baz"}', 'baz{bar="baz"}');
  });

  it('leaves a series alone where the regex does not match the whole value', () => {
    f('[{source_labels: [bar], regex: "ba", target_label: x, replacement: y}]', 'foo{bar="baz"}', 'foo{bar="baz"}');
    f('[{source_labels: [bar], regex: "(.+)", target_label: x}]', 'foo', 'foo');
  });

  it('removes a label by an empty replacement', () => {
    f('[{source_labels: [bar], regex: "b.*", target_label: bar, replacement: ""}]', 'foo{bar="baz"}', 'foo');
    f('[{source_labels: [none], target_label: bar}]', 'foo{bar="baz"}', 'foo');
  });

  it('expands as Go does', () => {
    f('[{source_labels: [bar], target_label: x, replacement: "$1x"}]', 'foo{bar="baz",x="old"}', 'foo{bar="baz"}');
    f('[{source_labels: [bar], target_label: x, replacement: "${1}x"}]', 'foo{bar="baz"}', 'foo{bar="baz",x="bazx"}');
    f(
      '[{source_labels: [bar], target_label: x, replacement: "$$1 $9. ${ $"}]',
      'foo{bar="baz"}',
      'foo{bar="baz",x="$1 . ${ $"}',
    );
    f('[{source_labels: [bar], target_label: x, replacement: "$0"}]', 'foo{bar="baz"}', 'foo{bar="baz",x="baz"}');
  });

  it('expands the target and ignores one that is no label name', () => {
    f(
      '[{source_labels: [bar], regex: "(ba)(z)", target_label: "${1}_x", replacement: "$2"}]',
      'foo{bar="baz"}',
      'foo{ba_x="z",bar="baz"}',
    );
    f(
      '[{source_labels: [bar], regex: "(x?).*", target_label: "${1}", replacement: "y"}]',
      'foo{bar="baz"}',
      'foo{bar="baz"}',
    );
  });

  it('keeps and drops', () => {
    f('[{source_labels: [bar], regex: "b.*", action: drop}]', 'foo{bar="baz"}', '{}');
    f('[{source_labels: [bar], regex: "b", action: drop}]', 'foo{bar="baz"}', 'foo{bar="baz"}');
    f('[{source_labels: [__name__], regex: "foo|bar", action: keep}]', 'foo{bar="baz"}', 'foo{bar="baz"}');
    f('[{source_labels: [__name__], regex: "x", action: keep}]', 'foo{bar="baz"}', '{}');
    f('[{source_labels: [none], regex: "", action: drop}]', 'foo', '{}');
  });

  it('compares labels', () => {
    f('[{source_labels: [a], target_label: b, action: keepequal}]', 'foo{a="1",b="1"}', 'foo{a="1",b="1"}');
    f('[{source_labels: [a], target_label: b, action: keepequal}]', 'foo{a="1",b="2"}', '{}');
    f('[{source_labels: [a], target_label: b, action: dropequal}]', 'foo{a="1",b="1"}', '{}');
    f('[{source_labels: [a], target_label: b, action: dropequal}]', 'foo', '{}');
  });

  it('computes shards', () => {
    // md5("baz") = 73feffa4b7f6bb68e44cf984c85f6e88; 0xe44cf984c85f6e88 mod 1000.
    const expected = String(0xe44cf984c85f6e88n % 1000n);
    f(
      '[{source_labels: [bar], target_label: shard, modulus: 1000, action: hashmod}]',
      'foo{bar="baz"}',
      `foo{bar="baz",shard="${expected}"}`,
    );
  });

  it('maps, drops and keeps label names', () => {
    f(
      '[{regex: "meta_(.+)", action: labelmap}]',
      'foo{meta_a="1",meta_b="2"}',
      'foo{a="1",b="2",meta_a="1",meta_b="2"}',
    );
    f('[{regex: "a", replacement: b, action: labelmap}]', 'foo{a="1",b="2"}', 'foo{a="1",b="1"}');
    f('[{regex: "(.)", replacement: "$1$1", action: labelmap}]', 'foo{a="1"}', 'foo{a="1",aa="1"}');
    f('[{regex: "meta_.*", action: labeldrop}]', 'foo{meta_a="1",b="2"}', 'foo{b="2"}');
    f('[{regex: "__name__|b", action: labelkeep}]', 'foo{a="1",b="2"}', 'foo{b="2"}');
  });

  it('changes case', () => {
    f('[{source_labels: [bar], target_label: bar, action: lowercase}]', 'foo{bar="BäZ"}', 'foo{bar="bäz"}');
    f('[{source_labels: [bar], target_label: bar, action: lowercase}]', 'foo{bar="İzmir"}', 'foo{bar="izmir"}');
    f(
      '[{source_labels: [bar], target_label: bar, action: lowercase}]',
      'foo{bar="ΑΣ"}',
      'foo{bar="ας"}'.replace('ς', 'σ'),
    );
    f('[{source_labels: [bar], target_label: bar, action: uppercase}]', 'foo{bar="straße"}', 'foo{bar="STRAßE"}');
  });

  it('applies configs in order, each on the result of those before', () => {
    f(
      '[{target_label: a, replacement: "1"}, {source_labels: [a], target_label: b}, {regex: a, action: labeldrop}]',
      'foo',
      'foo{b="1"}',
    );
  });

  it('returns the very labels it was given when nothing changes', () => {
    const labels = series('foo{bar="baz"}');
    expect(compileRelabelConfigs(configs('[{source_labels: [bar], target_label: bar}]'))(labels)).toBe(labels);
  });

  it('never yields an empty value or an unsorted set', () => {
    const name = fc.constantFrom('a', 'b', 'c', '__name__');
    const value = fc.constantFrom('', 'x', 'yy', 'Z');
    const config = fc.record({
      sourceLabels: fc.array(name, { maxLength: 2 }),
      separator: fc.constantFrom(';', ''),
      targetLabel: name,
      regex: fc.constantFrom('(.*)', '(.+)', 'x', '(x)?(.*)'),
      modulus: fc.constant(7),
      replacement: fc.constantFrom('$1', '', 'c', '${2}'),
      action: fc.constantFrom('replace', 'hashmod', 'labelmap', 'labeldrop', 'lowercase'),
    }) as fc.Arbitrary<RelabelConfig>;
    fc.assert(
      fc.property(fc.array(config, { maxLength: 4 }), fc.dictionary(name, value), (list, given) => {
        const result = relabel(Labels.from(given), list);
        if (result === undefined) return;
        expect(result.pairs).toEqual(Labels.from(result.toJSON()).pairs);
      }),
    );
  });
});
