import { describe, expect, it } from 'vitest';
import { expand, mistakesOf, planOfSignals } from './expand.ts';

const KEYS = 'asserts_env, asserts_site, namespace, workload, service, job, pod, node, container, instance';
const head = "kind: resource, name: n, source: s, resource_type: 'network:rx_bytes', entity_type: Service";
const labels = '{source=s entity_type=Service resource_type=network:rx_bytes}';

describe('resource', () => {
  it('gives a counter and its rate', () => {
    const signal = `  - {${head}, metric: 'x_total{device!="lo"}', type: counter, multiply: 8}`;
    expect(expand(signal)).toBe(
      `
asserts:resource:total${labels} = x_total{device!="lo"} * 8
asserts:resource:rate${labels} = sum by (${KEYS}) (rate(asserts:resource:total{asserts_source="s", asserts_resource_type="network:rx_bytes"}[5m]))
`.trim(),
    );
    const { mappings, derived } = planOfSignals(signal);
    expect([mappings.length, derived.flatMap(({ rules }) => rules).length]).toEqual([1, 1]);
  });

  it('gives one rate of counters that make up one resource', () => {
    const signals = `  - {${head}, metric: a_total, type: counter}\n  - {${head.replace('name: n', 'name: m')}, metric: b_total, type: counter}`;
    expect(
      expand(signals)
        .replaceAll(/\{[^}]*\}( = sum.*)?/g, '')
        .split('\n'),
    ).toEqual(['asserts:resource:total = a_total', 'asserts:resource:rate', 'asserts:resource:total = b_total']);
    expect(planOfSignals(signals).derived.flatMap(({ rules }) => rules)).toHaveLength(1);
  });

  it('gives gauges and amounts in use', () => {
    expect(expand(`  - {${head}, metric: x, type: gauge, divide: 100}`)).toBe(
      `asserts:resource:gauge${labels} = x / 100`,
    );
    expect(expand(`  - {${head}, metric: x, type: usage, where: 'a="b"'}`)).toBe(
      `asserts:resource:usage${labels} = x{a="b"}`,
    );
  });

  it('wants its type, resource and entity', () => {
    expect(mistakesOf('  - {kind: resource, name: n, source: s, metric: x}')).toBe(
      [
        'signals.yml:2: signals[0].resource_type: is missing; give the resource, such as heap:usage',
        'signals.yml:2: signals[0].entity_type: is missing; give the entity, such as Service',
        'signals.yml:2: signals[0].type: must be one of counter, gauge, usage',
      ].join('\n'),
    );
  });
});
