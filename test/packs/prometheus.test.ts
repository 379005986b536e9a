import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contextualize } from './contextualize.ts';

const capture = new URL('../../../shared/captures/http-prometheus-3.5/metrics_prom3_openmetrics.body', import.meta.url);
const captured = existsSync(capture) ? it : it.skip;
if (!existsSync(capture)) console.warn(`SKIPPED: ${capture.pathname} is not there`);

describe('the pack prometheus', () => {
  it('HTTP API', () => {
    const context = 'request_context=/api/v1/query request_type=inbound source=prometheus';
    expect(contextualize('prometheus_http_requests_total{code="200",handler="/api/v1/query"} 1')).toEqual([
      `asserts:request:total ${context} = 1`,
    ]);
    expect(contextualize('prometheus_http_requests_total{code="503",handler="/api/v1/query"} 1')).toEqual([
      `asserts:error:total error_type=server_errors ${context} = 1`,
      `asserts:request:total ${context} = 1`,
    ]);
    expect(contextualize('prometheus_http_requests_total{code="400",handler="/api/v1/query"} 1')).toEqual([
      `asserts:client:error:total ${context} = 1`,
      `asserts:request:total ${context} = 1`,
    ]);
    expect(contextualize('prometheus_http_request_duration_seconds_sum{handler="/api/v1/query"} 0.005746022')).toEqual([
      `asserts:latency:total ${context} = 0.005746022`,
    ]);
    expect(contextualize('prometheus_http_request_duration_seconds_count{handler="/api/v1/query"} 3')).toEqual([
      `asserts:latency:count ${context} = 3`,
    ]);
    expect(
      contextualize('prometheus_http_request_duration_seconds_bucket{handler="/api/v1/query",le="0.1"} 3'),
    ).toEqual([`asserts:latency:bucket ${context} = 3`]);
  });

  it('leaves out scrapes and health checks', () => {
    for (const handler of ['/metrics', '/-/healthy', '/-/ready']) {
      expect(contextualize(`prometheus_http_requests_total{code="200",handler="${handler}"} 1`)).toEqual([
        'not selected',
      ]);
    }
  });

  it('rules, queries and notifications', () => {
    expect(contextualize('prometheus_rule_evaluations_total{rule_group="/etc/prometheus/rules.yml;red"} 100')).toEqual([
      'asserts:request:total request_context=/etc/prometheus/rules.yml;red request_type=internal source=prometheus = 100',
    ]);
    expect(contextualize('prometheus_rule_evaluation_failures_total{rule_group="rules.yml;red"} 1')).toEqual([
      'asserts:error:total error_type=server_errors request_context=rules.yml;red request_type=internal source=prometheus = 1',
    ]);
    expect(contextualize('prometheus_engine_query_duration_seconds_count{slice="inner_eval"} 101')).toEqual([
      'asserts:latency:count request_context=inner_eval request_type=query source=prometheus = 101',
      'asserts:request:total request_context=inner_eval request_type=query source=prometheus = 101',
    ]);
    expect(contextualize('prometheus_engine_query_duration_seconds_count{slice="queue_time"} 101')).toEqual([
      'not selected',
    ]);
    expect(
      contextualize('prometheus_notifications_errors_total{alertmanager="http://am:9093/api/v2/alerts"} 1'),
    ).toEqual([
      'asserts:error:total error_type=server_errors request_context=http://am:9093/api/v2/alerts request_type=outbound source=prometheus = 1',
    ]);
  });

  captured('maps what a real Prometheus exposes (needs ../shared)', () => {
    const lines = readFileSync(capture, 'utf8')
      .split('\n')
      .filter((line) => /^prometheus_(http_requests|http_request_duration|rule_evaluation)/.test(line));
    const results = lines.map((line) => contextualize(line.replace(/ # .*/, '')));
    expect(lines.length).toBeGreaterThan(80);
    const mapped = results.filter(([first]) => first?.startsWith('asserts:'));
    const left = lines.filter((_, i) => !results[i]?.[0]?.startsWith('asserts:'));
    expect(mapped.length).toBeGreaterThan(40);
    expect(
      left.filter((line) => !/handler="\/(metrics|-\/.*)"|quantile=|_(created|duration_seconds_history)/.test(line)),
    ).toEqual([]);
  });
});
