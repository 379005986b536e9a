import { describe, expect, it } from 'vitest';
import { expand, mistakesOf } from './expand.ts';

describe('requestRate', () => {
  it('gives requests and failures of a counter', () => {
    expect(
      expand(`
  - kind: requestRate
    name: traefik
    source: traefik
    request_type: inbound
    metric: traefik_entrypoint_requests_total{protocol="http"}
    type: counter
    errors: [{type: server_errors, when: 'code=~"5.."'}]
    client_errors: 'code=~"4.."'`),
    ).toBe(
      `
asserts:request:total{source=traefik request_type=inbound} = traefik_entrypoint_requests_total{protocol="http"}
asserts:error:total{source=traefik request_type=inbound error_type=server_errors} = traefik_entrypoint_requests_total{protocol="http", code=~"5.."}
asserts:client:error:total{source=traefik request_type=inbound} = traefik_entrypoint_requests_total{protocol="http", code=~"4.."}
`.trim(),
    );
  });

  it('gives rates of a gauge, divided where it is a sum over a period', () => {
    expect(
      expand(`
  - kind: requestRate
    name: alb
    source: aws
    request_type: inbound
    metric: aws_request_count_sum
    type: gauge
    divide: 300
    errors: [{type: server_errors, when: 'code="5xx"'}]`),
    ).toBe(
      `
asserts:request:gauge{source=aws request_type=inbound} = aws_request_count_sum / 300
asserts:error:gauge{source=aws request_type=inbound error_type=server_errors} = aws_request_count_sum{code="5xx"} / 300
`.trim(),
    );
  });

  it('has no client errors of gauges', () => {
    expect(
      mistakesOf(
        `  - {kind: requestRate, name: n, source: s, request_type: inbound, metric: x, type: gauge, client_errors: 'a="b"'}`,
      ),
    ).toBe(
      'signals.yml:2: signals[0].client_errors: has no meaning for a gauge: client errors are recorded from counters only; leave it out',
    );
  });

  it('wants to know the type', () => {
    expect(mistakesOf(`  - {kind: requestRate, name: n, source: s, request_type: inbound, metric: x}`)).toBe(
      'signals.yml:2: signals[0].type: must be one of counter, gauge',
    );
    expect(
      mistakesOf(
        `  - {kind: requestRate, name: n, source: s, request_type: inbound, metric: x, type: counter, divide: 0}`,
      ),
    ).toBe('signals.yml:2: signals[0].divide: must be above 0');
  });
});
