import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { series } from '../model/series.ts';
import { contextualize, contextualizer, SCOPE, selects } from './contextualize.ts';

const IN = 'request_type=inbound source=';
const OUT = 'request_type=outbound source=';

describe('OpenTelemetry, stable conventions', () => {
  const server = 'http_request_method="GET",http_route="/cart/{id}",url_scheme="http",network_protocol_version="1.1"';

  it('servers', () => {
    const context = 'request_context=GET /cart/{id} ';
    expect(
      contextualize(`http_server_request_duration_seconds_count{${server},http_response_status_code="200"} 7`),
    ).toEqual([`asserts:latency:count ${context}${IN}otel = 7`, `asserts:request:total ${context}${IN}otel = 7`]);
    expect(
      contextualize(
        `http_server_request_duration_seconds_count{${server},http_response_status_code="503",error_type="503"} 7`,
      ),
    ).toEqual([
      `asserts:error:total error_type=server_errors ${context}${IN}otel = 7`,
      `asserts:latency:count ${context}${IN}otel = 7`,
      `asserts:request:total ${context}${IN}otel = 7`,
    ]);
    expect(
      contextualize(`http_server_request_duration_seconds_count{${server},http_response_status_code="404"} 7`),
    ).toEqual([
      `asserts:client:error:total ${context}${IN}otel = 7`,
      `asserts:latency:count ${context}${IN}otel = 7`,
      `asserts:request:total ${context}${IN}otel = 7`,
    ]);
    expect(
      contextualize(`http_server_request_duration_seconds_sum{${server},http_response_status_code="200"} 1.25`),
    ).toEqual([`asserts:latency:total ${context}${IN}otel = 1.25`]);
    expect(
      contextualize(
        `http_server_request_duration_seconds_bucket{${server},http_response_status_code="200",le="0.005"} 3`,
      ),
    ).toEqual([`asserts:latency:bucket ${context}${IN}otel = 3`]);
  });

  it('clients', () => {
    const labels = 'http_request_method="POST",server_address="shop",server_port="8080"';
    expect(
      contextualize(
        `http_client_request_duration_seconds_count{${labels},http_response_status_code="404",error_type="404"} 2`,
      ),
    ).toEqual([
      `asserts:error:total error_type=client_errors request_context=shop ${OUT}otel = 2`,
      `asserts:latency:count request_context=shop ${OUT}otel = 2`,
      `asserts:request:total request_context=shop ${OUT}otel = 2`,
    ]);
    expect(
      contextualize(`http_client_request_duration_seconds_count{${labels},error_type="java.net.ConnectException"} 2`),
    ).toContain(`asserts:error:total error_type=http_errors request_context=shop ${OUT}otel = 2`);
    expect(contextualize(`http_client_request_duration_seconds_sum{${labels},url_template="/cart/{id}"} 2`)).toEqual([
      `asserts:latency:total request_context=shop/cart/{id} ${OUT}otel = 2`,
    ]);
  });
});

describe('OpenTelemetry, old conventions', () => {
  it('servers, milliseconds', () => {
    const labels =
      'http_scheme="http",http_method="GET",net_host_name="localhost",http_flavor="1.1",http_status_code="200",net_host_port="80"';
    expect(contextualize(`http_server_duration_sum{${labels}} 135.383967`)).toEqual([
      `asserts:latency:total ${IN}otel_legacy = ${135.383967 / 1000}`,
    ]);
    expect(contextualize(`http_server_duration_milliseconds_sum{${labels},http_target="/cart/17?x=1"} 8`)).toEqual([
      `asserts:latency:total request_context=/cart/{} ${IN}otel_legacy = 0.008`,
    ]);
    expect(
      contextualize(
        `http_server_duration_milliseconds_count{${labels},http_target="/cart/17",http_route="/cart/{id}"} 8`,
      ),
    ).toEqual([
      `asserts:latency:count request_context=/cart/{id} ${IN}otel_legacy = 8`,
      `asserts:request:total request_context=/cart/{id} ${IN}otel_legacy = 8`,
    ]);
  });

  it('buckets, whose bounds become seconds', () => {
    const bucket = (le: string) =>
      `http_server_duration_milliseconds_bucket{http_method="GET",http_route="/a",le="${le}"} 1`;
    const made = (le: string) => `asserts:latency:bucket le=${le} request_context=/a ${IN}otel_legacy = 1`;
    for (const [ms, s] of [
      ['5', '0.005'],
      ['7500', '7.5'],
    ] as const) {
      const raw = series(bucket(ms).replace(/ 1$/, ''));
      const result = contextualizer.contextualize(raw, SCOPE, ms);
      expect(result.kind === 'mapped' && result.outputs.map(({ labels }) => labels.get('le'))).toEqual([s]);
    }
    expect(contextualize(bucket('+Inf'))).toEqual([made('+Inf').replace('le=+Inf ', '')]);
  });

  it('clients', () => {
    expect(
      contextualize(
        'http_client_duration_milliseconds_count{http_method="GET",net_peer_name="shop",http_status_code="502"} 1',
      ),
    ).toEqual([
      `asserts:error:total error_type=server_errors request_context=shop ${OUT}otel_legacy = 1`,
      `asserts:latency:count request_context=shop ${OUT}otel_legacy = 1`,
      `asserts:request:total request_context=shop ${OUT}otel_legacy = 1`,
    ]);
  });
});

describe('Spring Boot', () => {
  it('servers', () => {
    const labels =
      'error="none",exception="none",method="GET",outcome="SERVER_ERROR",status="500",uri="/api/orders/{id}"';
    expect(contextualize(`http_server_requests_seconds_count{${labels}} 4`)).toEqual([
      `asserts:error:total error_type=server_errors request_context=/api/orders/{id} ${IN}spring_boot = 4`,
      `asserts:latency:count request_context=/api/orders/{id} ${IN}spring_boot = 4`,
      `asserts:request:total request_context=/api/orders/{id} ${IN}spring_boot = 4`,
    ]);
    expect(contextualize(`http_server_requests_seconds_max{${labels}} 4`)).toEqual(['not selected']);
  });

  it.each(['client_name', 'clientName'])('clients (%s)', (name) => {
    const labels = `${name}="shop",method="GET",outcome="CLIENT_ERROR"`;
    expect(contextualize(`http_client_requests_seconds_count{${labels},status="404",uri="/cart/{id}"} 1`)).toContain(
      `asserts:error:total error_type=client_errors request_context=shop/cart/{id} ${OUT}spring_boot = 1`,
    );
    expect(contextualize(`http_client_requests_seconds_count{${labels},status="IO_ERROR",uri="none"} 1`)).toEqual([
      `asserts:error:total error_type=http_errors request_context=shop ${OUT}spring_boot = 1`,
      `asserts:latency:count request_context=shop ${OUT}spring_boot = 1`,
      `asserts:request:total request_context=shop ${OUT}spring_boot = 1`,
    ]);
  });
});

describe('the conventional names', () => {
  it('Go: code', () => {
    expect(contextualize('http_requests_total{code="500",method="get",handler="/cart"} 1')).toEqual([
      `asserts:error:total error_type=server_errors request_context=/cart ${IN}golang = 1`,
      `asserts:request:total request_context=/cart ${IN}golang = 1`,
    ]);
    expect(contextualize('http_requests_total{code="5xx",method="get"} 1')).toEqual([
      `asserts:error:total error_type=server_errors ${IN}golang = 1`,
      `asserts:request:total ${IN}golang = 1`,
    ]);
    expect(contextualize('http_request_duration_seconds_count{code="500",method="get"} 1')).toEqual([
      `asserts:latency:count ${IN}golang = 1`,
    ]);
  });

  it('FastAPI: classes and handler', () => {
    expect(contextualize('http_requests_total{handler="/items/{item_id}",method="GET",status="4xx"} 1')).toEqual([
      `asserts:client:error:total request_context=/items/{item_id} ${IN}fastapi = 1`,
      `asserts:request:total request_context=/items/{item_id} ${IN}fastapi = 1`,
    ]);
    expect(
      contextualize('http_request_duration_seconds_bucket{handler="/items/{item_id}",method="GET",le="0.1"} 1'),
    ).toEqual([`asserts:latency:bucket request_context=/items/{item_id} ${IN}fastapi = 1`]);
    expect(contextualize('http_request_duration_highr_seconds_count 1')).toEqual(['not selected']);
  });

  it.each(['status', 'statusCode'])('Express: %s', (status) => {
    expect(contextualize(`http_requests_total{method="GET",route="/users/:id",${status}="502"} 1`)).toEqual([
      `asserts:error:total error_type=server_errors request_context=/users/:id ${IN}express = 1`,
      `asserts:request:total request_context=/users/:id ${IN}express = 1`,
    ]);
    expect(
      contextualize(`http_request_duration_seconds_sum{method="GET",route="/users/:id",${status}="502"} 1`),
    ).toEqual([`asserts:latency:total request_context=/users/:id ${IN}express = 1`]);
  });

  it('prom-client: status_code', () => {
    expect(
      contextualize('http_request_duration_seconds_count{status_code="404",method="GET",path="/users/4711"} 1'),
    ).toEqual([
      `asserts:client:error:total request_context=/users/{} ${IN}nodejs = 1`,
      `asserts:latency:count request_context=/users/{} ${IN}nodejs = 1`,
      `asserts:request:total request_context=/users/{} ${IN}nodejs = 1`,
    ]);
    expect(contextualize('http_requests_total{status_code="200",method="GET",route="/users"} 1')).toEqual([
      `asserts:request:total request_context=/users ${IN}prom_client = 1`,
    ]);
  });

  it('no status at all', () => {
    expect(contextualize('http_requests_total{method="GET",path="/hello"} 1')).toEqual([
      `asserts:request:total request_context=/hello ${IN}http = 1`,
    ]);
    expect(contextualize('http_request_duration_seconds_sum{path="/hello"} 1')).toEqual([
      `asserts:latency:total request_context=/hello ${IN}http = 1`,
    ]);
  });

  it('Flask', () => {
    expect(contextualize('flask_http_request_duration_seconds_count{method="GET",path="/a/1",status="500"} 1')).toEqual(
      [
        `asserts:error:total error_type=server_errors request_context=/a/{} ${IN}flask = 1`,
        `asserts:latency:count request_context=/a/{} ${IN}flask = 1`,
        `asserts:request:total request_context=/a/{} ${IN}flask = 1`,
      ],
    );
    expect(contextualize('flask_http_request_total{method="GET",status="500"} 1')).toEqual(['not selected']);
  });

  it('takes a route as a whole, whatever is in it', () => {
    expect(contextualize('http_requests_total{code="200",handler="/a;v=1/b"} 1')).toEqual([
      `asserts:request:total request_context=/a;v=1/b ${IN}golang = 1`,
    ]);
  });

  it('is not led astray by the target labels of the Prometheus Operator', () => {
    const operator = 'container="app",endpoint="http-metrics",namespace="shop",pod="cart-1",service="cart"';
    expect(contextualize(`http_requests_total{code="200",handler="/cart",${operator}} 1`)).toEqual([
      `asserts:request:total request_context=/cart ${IN}golang workload=cart = 1`,
    ]);
    expect(
      contextualize(`flask_http_request_duration_seconds_sum{method="GET",path="/a",status="200",${operator}} 1`),
    ).toEqual([`asserts:latency:total request_context=/a ${IN}flask workload=cart = 1`]);
  });
});

describe('endpoints that no user waits for', () => {
  it.each([
    '/metrics',
    '/health',
    '/healthz',
    '/health/live',
    '/ready',
    '/readyz',
    '/livez',
    '/actuator/prometheus',
    '/app/actuator/health',
  ])('%s is left out', (path) => {
    for (const raw of [
      `http_server_request_duration_seconds_count{http_route="${path}"}`,
      `http_server_duration_milliseconds_count{http_target="${path}"}`,
      `http_server_requests_seconds_count{uri="${path}",status="200"}`,
      `http_requests_total{code="200",handler="${path}"}`,
      `http_requests_total{status="200",route="${path}"}`,
      `http_request_duration_seconds_bucket{status_code="200",path="${path}",le="1"}`,
      `flask_http_request_duration_seconds_sum{path="${path}",status="200"}`,
    ]) {
      expect([raw, contextualize(`${raw} 1`)]).toEqual([raw, ['not selected']]);
    }
  });

  it.each(['/health-insurance', '/metrics/daily', '/live/matches', '/cart/health'])('%s stays', (path) => {
    expect(contextualize(`http_server_requests_seconds_sum{uri="${path}",status="200"} 1`)).toHaveLength(1);
  });
});

describe('counting', () => {
  it('makes at most one request, one kind of error and one latency of every raw series', () => {
    const name = fc.constantFrom(
      'http_requests_total',
      'http_request_duration_seconds_count',
      'http_request_duration_seconds_sum',
      'http_request_duration_seconds_bucket',
      'http_server_request_duration_seconds_count',
      'http_client_request_duration_seconds_count',
      'http_server_duration_count',
      'http_client_requests_seconds_count',
    );
    const code = fc.constantFrom('', '200', '404', '503', '2xx', '5xx', 'IO_ERROR', 'CLIENT_ERROR');
    const labels = fc.record({
      code,
      status: code,
      statusCode: code,
      status_code: code,
      http_response_status_code: code,
      error_type: fc.constantFrom('', '503', 'timeout'),
      handler: fc.constantFrom('', '/a'),
      route: fc.constantFrom('', '/a'),
      controller: fc.constantFrom('', 'x'),
      http_method: fc.constantFrom('', 'GET'),
    });
    fc.assert(
      fc.property(name, labels, (metric, rest) => {
        const raw = Labels.from({ ...rest, __name__: metric });
        const result = contextualizer.contextualize(raw, SCOPE, 'counting');
        if (result.kind === 'dropped') {
          expect(result.reason).toBe('no_rule_matched');
          return;
        }
        expect(selects(raw)).toBe(true);
        const records = result.outputs.map((output) => output.labels.metricName);
        expect([raw.toString(), records.filter((record, i) => records.indexOf(record) !== i)]).toEqual([
          raw.toString(),
          [],
        ]);
        expect(records.filter((record) => record.includes('error')).length).toBeLessThanOrEqual(1);
        expect(new Set(result.outputs.map((output) => output.labels.get('asserts_source'))).size).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });
});
