import { describe, expect, it } from 'vitest';
import { contextualizeBy, expand, mistakesOf, planOfSignals, relabelOf } from './expand.ts';

const OTEL = `
  - kind: histogram
    name: otel-http-server
    source: otel
    request_type: inbound
    metric: http_server_request_duration_seconds
    unit: seconds
    where: 'job!=""'
    context: ['{http_request_method} {http_route}', '{http_target}']
    errors:
      - {type: server_errors, when: 'http_response_status_code=~"5.."'}
    client_errors: 'http_response_status_code=~"4.."'
    labels: {asserts_component: gateway}
`;

describe('histogram', () => {
  it('gives requests, failures and latency, classic and native', () => {
    expect(expand(OTEL)).toBe(
      `
asserts:request:total{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds_count{job!=""}
asserts:error:total{source=otel request_type=inbound error_type=server_errors component=gateway} = http_server_request_duration_seconds_count{job!="", http_response_status_code=~"5.."}
asserts:client:error:total{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds_count{job!="", http_response_status_code=~"4.."}
asserts:latency:total{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds_sum{job!=""}
asserts:latency:count{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds_count{job!=""}
asserts:latency:bucket{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds_bucket{job!=""}
asserts:latency:histogram{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds{job!="", quantile=""}
asserts:error:histogram{source=otel request_type=inbound error_type=server_errors component=gateway} = http_server_request_duration_seconds{job!="", quantile="", http_response_status_code=~"5.."}
asserts:client:error:histogram{source=otel request_type=inbound component=gateway} = http_server_request_duration_seconds{job!="", quantile="", http_response_status_code=~"4.."}
`.trim(),
    );
  });

  it('writes the context by relabel configs for its own series only', () => {
    const configs = relabelOf(OTEL.replace(/context:/, 'exclude_health: false\n    context:'));
    expect(configs).toBe(
      `
[__name__, job, http_target] http_server_request_duration_seconds(?:_count|_sum|_bucket)?;[^;]+;(?P<http_target>.+) -> asserts_request_context: \${http_target}
[__name__, job, http_request_method, http_route] http_server_request_duration_seconds(?:_count|_sum|_bucket)?;[^;]+;(?P<http_request_method>[^;]+);(?P<http_route>.+) -> asserts_request_context: \${http_request_method} \${http_route}
`.trim(),
    );
  });

  it('contextualizes what an exporter says', () => {
    const plan = planOfSignals(OTEL);
    const raw = (labels: string) =>
      contextualizeBy(plan, `http_server_request_duration_seconds_count{job="shop",${labels}}`);
    expect(raw('http_request_method="GET",http_route="/cart/{id}",http_response_status_code="503"')).toEqual([
      'asserts:request:total 8000 request_context=GET /cart/{id}',
      'asserts:error:total 8000 request_context=GET /cart/{id} error_type=server_errors',
      'asserts:latency:count 8000 request_context=GET /cart/{id}',
    ]);
    expect(raw('http_request_method="GET",http_target="/cart/4711?x=1",http_response_status_code="404"')).toEqual([
      'asserts:request:total 8000 request_context=/cart/{}',
      'asserts:client:error:total 8000 request_context=/cart/{}',
      'asserts:latency:count 8000 request_context=/cart/{}',
    ]);
    expect(raw('http_request_method="GET"')).toEqual(['asserts:request:total 8000', 'asserts:latency:count 8000']);
    expect(raw('http_request_method="GET",http_route="/healthz"')).toEqual(['relabel_drop']);
    expect(contextualizeBy(plan, 'http_server_request_duration_seconds_count{http_route="/x"}')).toEqual([
      'no_rule_matched',
    ]);
  });

  it('keeps the quantiles of a summary out of native histograms', () => {
    const plan = planOfSignals(OTEL);
    const raw = (labels: string) => contextualizeBy(plan, `http_server_request_duration_seconds{job="shop"${labels}}`);
    expect(raw(',quantile="0.99"')).toEqual(['no_rule_matched']);
    expect(raw('')).toEqual(['asserts:latency:histogram 8000']);
  });

  it('converts milliseconds, bounds included, and has no native form then', () => {
    const plan = planOfSignals(
      `  - {kind: histogram, name: h, source: s, request_type: outbound, metric: x_milliseconds, unit: milliseconds}`,
    );
    expect(plan.mappings.map(({ record }) => record)).toEqual([
      'asserts:request:total',
      'asserts:latency:total',
      'asserts:latency:count',
      'asserts:latency:bucket',
    ]);
    expect(contextualizeBy(plan, 'x_milliseconds_sum')).toEqual(['asserts:latency:total 8']);
    expect(contextualizeBy(plan, 'x_milliseconds_bucket{le="2500.0"}')).toEqual(['asserts:latency:bucket 8000 le=2.5']);
    expect(contextualizeBy(plan, 'x_milliseconds')).toEqual(['no_rule_matched']);
  });

  it('leaves the requests to another signal', () => {
    const records = expand(
      `  - {kind: histogram, name: h, source: s, request_type: inbound, metric: x_seconds, requests: false}`,
    );
    expect(records.replaceAll(/\{.*/g, '').split('\n')).toEqual([
      'asserts:latency:total',
      'asserts:latency:count',
      'asserts:latency:bucket',
      'asserts:latency:histogram',
    ]);
  });

  it('tells mistakes with their line and what to do', () => {
    const wrong = (keys: string) =>
      mistakesOf(`  - kind: histogram\n    name: h\n    source: s\n    request_type: outbound\n${keys}`);
    expect(wrong(`    metric: x_seconds_bucket`)).toBe(
      'signals.yml:6: signals[0].metric: must be the base name; write x_seconds, _bucket is added',
    );
    expect(wrong(`    metric: x_milliseconds`)).toBe(
      'signals.yml:2: signals[0].unit: is missing, but x_milliseconds is named for milliseconds; give unit: milliseconds, or rename the metric',
    );
    expect(wrong(`    metric: x_seconds\n    unit: milliseconds`)).toMatch(
      /^signals\.yml:7: signals\[0\]\.unit: is milliseconds, but x_seconds is named for seconds/,
    );
    expect(wrong(`    metric: x_seconds\n    client_errors: 'code=~"4.."'`)).toMatch(
      /^signals\.yml:7: signals\[0\]\.client_errors: is about inbound requests only; give it under errors as/,
    );
    expect(wrong(`    metric: x_seconds\n    requests: false\n    errors: []`)).toMatch(
      /^signals\.yml:8: signals\[0\]\.errors: counts requests, which requests: false leaves to another signal/,
    );
  });
});
