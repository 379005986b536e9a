import { describe, expect, it } from 'vitest';
import { Matcher } from '../../../lib/model/matcher.ts';
import { compilePlan } from '../../../lib/plan/compile-plan.ts';
import { contradiction } from '../../../lib/plan/lint/contradiction.ts';
import { lintRules } from '../../../lib/plan/lint/lint-rules.ts';
import { parseRuleFile } from '../../../lib/rules/parse-rule-file.ts';

const BASE = `groups:
  - name: base
    rules:
      - record: asserts:request:total
        expr: shop_requests_total
        labels: {asserts_source: shop, asserts_request_type: inbound}
`;

/** Warnings for rules beside one mapping rule. */
function lint(...rules: string[]): string[] {
  const text = `groups:\n  - name: own\n    rules:\n${rules.map((rule) => `      - ${rule}\n`).join('')}`;
  const pack = (name: string, file: string, content: string) => ({
    name,
    description: '',
    strict: false,
    ruleFiles: [parseRuleFile(file, content)],
    relabelFiles: [],
  });
  const packs = [pack('base', 'base.yml', BASE), pack('own', 'own.yml', text)];
  return lintRules(packs, compilePlan({ packs })).map(
    ({ file, line, key, message }) => `${file}:${line}: ${key}: ${message}`,
  );
}

describe('lint of rules', () => {
  it('has nothing to say of rules that are right', () => {
    expect(
      lint(
        `{record: 'shop:rate', expr: 'sum by (asserts_env, job) (rate(asserts:request:total{asserts_request_type="inbound"}[5m]))'}`,
        `{record: 'asserts:latency:total', expr: 'shop_latency_milliseconds_sum / 1000', labels: {asserts_source: shop, asserts_request_type: inbound}}`,
        `{record: 'asserts:latency:count', expr: 'shop_latency_milliseconds_count', labels: {asserts_source: shop, asserts_request_type: inbound}}`,
        `{alert: Idle, expr: 'shop:rate == 0 and on (asserts_env) up{job="shop",job!="x"}'}`,
      ),
    ).toEqual([]);
  });

  it.each([
    [`{record: 'x:y', expr: 'up{job="a",job="b"}'}`, /expr: can never match: job="a" and job="b" exclude each other$/],
    [
      `{record: 'x:y', expr: 'up{code=~"404|500",code!~"4..|5.."}'}`,
      /can never match: code=~"404\|500" and code!~"4..\|5.."/,
    ],
    [
      `{record: 'x:y', expr: 'sum by (asserts_env) (asserts:request:total{asserts_request_type="outbound"})'}`,
      /can never match: no rule records asserts:request:total with asserts_request_type="outbound"$/,
    ],
    [
      `{record: 'x:y', expr: 'max by (asserts_env) (asserts:request:total{asserts_requesttype="inbound"})'}`,
      /asserts_requesttype is not a context label \(did you mean asserts_request_type\?\)/,
    ],
    [
      `{record: 'x:y', expr: 'sum by (asserts_env, asserts_contxt) (asserts:request:total)'}`,
      /asserts_contxt is not a context label/,
    ],
    [
      `{record: 'x:y', expr: 'sum by (job) (rate(asserts:request:total[5m]))'}`,
      /expr: aggregates without asserts_env; environments are added up; add it to by/,
    ],
    [
      `{record: 'asserts:request:rate5m', expr: 'sum by (asserts_env, job) (rate(asserts:request:total[5m]))', labels: {asserts_source: s, asserts_request_type: inbound}}`,
      /aggregates without asserts_site, namespace, workload, .*asserts_request_context; without them the result cannot be joined/,
    ],
    [
      `{record: 'asserts:latency:total', expr: 'shop_latency_ms_sum', labels: {asserts_source: shop, asserts_request_type: inbound}}`,
      /shop_latency_ms_sum looks like milliseconds, and asserts:latency:total is in seconds; scale it, for example shop_latency_ms_sum \/ 1000/,
    ],
    [
      `{record: 'asserts:latency:total', expr: 'shop_latency_microseconds_sum / 1000', labels: {asserts_source: shop, asserts_request_type: inbound}}`,
      /looks like microseconds/,
    ],
    [
      `{record: 'shop:latency_milliseconds', expr: 'shop_x'}`,
      /own\.yml:4: record: shop:latency_milliseconds is named in milliseconds; Prometheus metrics are in seconds/,
    ],
  ])('%s', (rule, expected) => {
    const found = lint(rule);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});

it.each([
  [['=', 'a', ''], ['=~', 'a', '.+'], true],
  [['=', 'a', 'x'], ['=~', 'a', 'x|y'], false],
  [['=~', 'a', 'x.*'], ['=~', 'a', 'y.*'], false],
  [['=', 'a', 'x'], ['=', 'b', 'y'], false],
] as const)('%j and %j', (a, b, excludes) => {
  const matchers = [a, b].map(([type, name, value]) => new Matcher(type, name, value));
  expect(contradiction(matchers) !== undefined).toBe(excludes);
});
