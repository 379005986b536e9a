import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sameFloat } from '../../../lib/cli/rule-tests/compare-results.ts';
import { runTestFile } from '../../../lib/cli/rule-tests/run-test-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-rule-tests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

write(
  'shop.yml',
  `groups:
  - name: shop
    labels: {asserts_source: shop, asserts_request_type: inbound}
    rules:
      - {record: 'asserts:request:total', expr: 'shop_requests_total'}
      - {record: 'asserts:latency:total', expr: 'shop_latency_milliseconds_sum / 1000'}
      - {record: 'shop:rate', expr: 'rate(asserts:request:total[5m])'}
`,
);
write(
  'relabel.yml',
  `relabel_configs:
  - {source_labels: [uri], target_label: asserts_request_context}
  - {source_labels: [uri], regex: /health, action: drop}
`,
);

const CASE = `rule_files: [shop.yml]
relabel_files: [relabel.yml]
tests:
  - interval: 15s
    contextualize:
      - scope: {env: {labels: [stage], default: demo}}
        input_series:
          - {series: 'shop_requests_total{job="shop",uri="/cart/12345"}', values: '0+10x3 _ stale'}
          - {series: 'shop_latency_milliseconds_sum{job="shop",uri="/",stage="prod"}', values: '250 500'}
          - {series: 'shop_requests_total{job="shop",uri="/health"}', values: '1x3'}
          - {series: 'nobody_reads{job="shop"}', values: '1'}
        exp_series:
          - {series: 'asserts:request:total{asserts_env="demo",asserts_name="shop_requests_total",asserts_source="shop",asserts_request_type="inbound",asserts_request_context="/cart/{}",job="shop",uri="/cart/12345"}', values: '0 10 20 30 _ stale'}
          - {series: 'asserts:latency:total{asserts_env="prod",asserts_name="shop_latency_milliseconds_sum",asserts_source="shop",asserts_request_type="inbound",asserts_request_context="/",job="shop",uri="/",stage="prod"}', values: '0.25 0.5'}
        exp_dropped:
          - {series: 'shop_requests_total{job="shop",uri="/health"}', reason: relabel_drop}
          - {series: 'nobody_reads{job="shop"}', reason: no_rule_matched}
`;

describe('contextualize cases', () => {
  it('pass where everything comes out as expected', async () => {
    expect(await runTestFile(write('right.yml', CASE))).toEqual({ failures: [], warnings: [] });
  });

  it.each([
    [
      'a value',
      "'0.25 0.5'",
      "'0.25 0.75'",
      /exp: asserts:latency:total.*7\.5E-01\n +got: asserts:latency:total.*5E-01/,
    ],
    [
      'a label',
      'asserts_env="demo"',
      'asserts_env="x"',
      /exp: asserts:request:total.*\n +got: nothing\n.*exp: nothing\n.*got: asserts:request/,
    ],
    [
      'a reason',
      'reason: relabel_drop',
      'reason: no_asserts_env',
      /exp: shop_requests.* dropped: no_asserts_env\n +got: dropped: relabel_drop \(.*relabel\.yml:3/,
    ],
    [
      'a drop that is not expected',
      /\n.*nobody_reads.*no_rule_matched}/,
      '',
      /exp: nothing\n +got: nobody_reads.* dropped: no_rule_matched/,
    ],
    [
      'a drop that does not happen',
      'job="shop",uri="/health"}\', reason',
      'job="other"}\', reason',
      /exp: shop_requests_total\{job="other"\} dropped: relabel_drop\n +got: not dropped/,
    ],
  ])('fail over %s', async (_, from, to, expected) => {
    const { failures } = await runTestFile(write('wrong.yml', CASE.replace(from, to)));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(expected);
  });
});

const HISTOGRAMS = `rule_files: []
fuzzy_compare: true
tests:
  - interval: 1m
    start_timestamp: 2026-01-01T00:00:00Z
    input_series:
      - {series: 'h', values: '{{schema:0 sum:5 count:4 buckets:[1 2 1]}}+{{sum:1 count:1 buckets:[1]}}x5'}
      - {series: 'third', values: '0.1'}
    promql_expr_test:
      - {expr: 'h', eval_time: 2m, exp_samples: [{labels: h, histogram: '{{schema:0 sum:7 count:6 buckets:[3 2 1]}}'}]}
      - {expr: 'sum(h) by (none)', eval_time: 1m, exp_samples: [{histogram: '{{schema:0 sum:6 count:5 buckets:[2 2 1]}}'}]}
      - {expr: 'histogram_count(h)', eval_time: 5m, exp_samples: [{value: 9}]}
      - {expr: 'third + 0.2', eval_time: 0, exp_samples: [{value: 0.3}]}
      - {expr: 'timestamp(third)', eval_time: 0, exp_samples: [{value: 1767225600}]}
`;

describe('what promtool 2.42 does not know', () => {
  it('histograms, fuzzy_compare and start_timestamp', async () => {
    expect(await runTestFile(write('histograms.yml', HISTOGRAMS))).toEqual({ failures: [], warnings: [] });
    const { failures } = await runTestFile(
      write('other.yml', HISTOGRAMS.replace('buckets:[3 2 1]', 'buckets:[3 2 2]').replace('fuzzy_compare: true\n', '')),
    );
    expect(failures.map((text) => text.split('\n')[0])).toEqual([
      '    expr: "h", time: 2m,',
      '    expr: "third + 0.2", time: 0s,',
    ]);
    expect(failures[0]).toContain('got: {__name__="h"} {{schema:0 count:6 sum:7');
  });

  it('NaN is NaN', async () => {
    const text = 'tests: [{interval: 1m, promql_expr_test: [{expr: "0 / 0", exp_samples: [{value: .nan}]}]}]\n';
    expect((await runTestFile(write('nan.yml', text))).failures).toEqual([]);
  });

  it('neighbours of numbers', () => {
    expect(sameFloat(0.1 + 0.2, 0.3, true)).toBe(true);
    expect(sameFloat(0.1 + 0.2, 0.3, false)).toBe(false);
    expect(sameFloat(5e-324, -5e-324, true)).toBe(false);
    expect(sameFloat(0, -0, false)).toBe(true);
    expect(sameFloat(1, 1 + 3 * Number.EPSILON, true)).toBe(false);
  });
});

it('tells every mistake with its place', async () => {
  const text =
    'rule_files: [x*.yml]\ntests:\n  - interval: soon\n    input_series:\n      - {series: "a{", values: 1}\n';
  const { failures } = await runTestFile(write('mistakes.yml', text));
  expect(failures[0]).toMatch(/mistakes\.yml:3: tests\[0\]\.interval: must be a duration/);
  expect((await runTestFile(join(folder, 'absent.yml'))).failures[0]).toContain('there is no such file');
  const unmatched = await runTestFile(write('unmatched.yml', 'rule_files: ["x*.yml"]\ntests: []\n'));
  expect(unmatched).toEqual({ failures: [], warnings: ['no file match pattern x*.yml'] });
});
