import { describe, expect, it } from 'vitest';
import { expand, mistakesOf } from './expand.ts';

const head = 'kind: latencyQuantile, name: n, source: s, request_type: inbound';

describe('latencyQuantile', () => {
  it('gives the buckets of a histogram', () => {
    expect(expand(`  - {${head}, metric: x_seconds}`)).toBe(
      `
asserts:latency:bucket{source=s request_type=inbound} = x_seconds_bucket
asserts:latency:histogram{source=s request_type=inbound} = x_seconds{quantile=""}
`.trim(),
    );
  });

  it('gives the quantiles of a summary', () => {
    expect(expand(`  - {${head}, summary: x_ms, unit: milliseconds, quantiles: {'0.95': p95, '0.99': p99}}`)).toBe(
      `
asserts:latency:p95{source=s request_type=inbound entity_type=Service} = x_ms{quantile="0.95"} / 1000
asserts:latency:p99{source=s request_type=inbound entity_type=Service} = x_ms{quantile="0.99"} / 1000
`.trim(),
    );
  });

  it('gives one quantile that is ready-made', () => {
    expect(expand(`  - {${head}, gauge: 'aws_target_response_time{stat="p99"}', quantile: p99}`)).toBe(
      'asserts:latency:p99{source=s request_type=inbound entity_type=Service} = aws_target_response_time{stat="p99"}',
    );
  });

  it('wants one of the three, with what belongs to it', () => {
    expect(mistakesOf(`  - {${head}}`)).toMatch(
      /metric: is missing; give metric for a histogram, summary for quantiles/,
    );
    expect(mistakesOf(`  - {${head}, metric: x, summary: y, quantiles: {'0.99': p99}}`)).toMatch(
      /summary: stands beside metric; give one of metric, summary, gauge/,
    );
    expect(mistakesOf(`  - {${head}, summary: y}`)).toMatch(/quantiles: is missing; say which quantile summary is/);
    expect(mistakesOf(`  - {${head}, metric: y, quantile: p99}`)).toMatch(/quantile: has a meaning only beside gauge/);
    expect(mistakesOf(`  - {${head}, summary: y, quantiles: {'0.5': p50}}`)).toMatch(
      /signals\[0\]\.quantiles\.0\.5: must be one of p95, p99/,
    );
  });
});
