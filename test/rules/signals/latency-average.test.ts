import { describe, expect, it } from 'vitest';
import { expand, mistakesOf, relabelOf } from './expand.ts';

const head = 'kind: latencyAverage, name: n, source: s, request_type: query';

describe('latencyAverage', () => {
  it('gives accumulated latency and its count', () => {
    const signal = `  - {${head}, sum: x_micros_total, sum_unit: microseconds, count: x_total, context: '{op}'}`;
    expect(expand(signal)).toBe(
      `
asserts:latency:total{source=s request_type=query} = x_micros_total / 1000000
asserts:latency:count{source=s request_type=query} = x_total
`.trim(),
    );
    expect(relabelOf(signal)).toBe(
      `
[__name__, op] x_micros_total;(?P<op>.+) -> asserts_request_context: \${op}
[__name__, op] x_total;(?P<op>.+) -> asserts_request_context: \${op}
`.trim(),
    );
  });

  it('gives a mean that is ready-made', () => {
    expect(expand(`  - {${head}, gauge: x_avg, unit: milliseconds}`)).toBe(
      'asserts:latency:average{source=s request_type=query} = x_avg / 1000',
    );
  });

  it('wants one of the two', () => {
    expect(mistakesOf(`  - {${head}, sum: x_seconds_total}`)).toBe(
      'signals.yml:2: signals[0].count: is missing; give sum and count, or gauge for a mean that is ready-made',
    );
    expect(mistakesOf(`  - {${head}, gauge: x_avg, sum: y}`)).toBe(
      'signals.yml:2: signals[0].sum: stands beside gauge; give either gauge, or sum and count',
    );
    expect(mistakesOf(`  - {${head}, sum: x, count: y, unit: seconds}`)).toBe(
      'signals.yml:2: signals[0].unit: is the unit of gauge; that of sum is sum_unit',
    );
    expect(mistakesOf(`  - {${head}, sum: x_ms_total, count: y}`)).toMatch(/sum_unit: is missing, but x_ms_total/);
  });
});
