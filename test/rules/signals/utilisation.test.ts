import { describe, expect, it } from 'vitest';
import { expand, mistakesOf, planOfSignals } from './expand.ts';

const KEYS = 'asserts_env, asserts_site, namespace, workload, service, job, pod, node, container, instance';
const head = "kind: utilisation, name: n, source: s, resource_type: 'heap:usage', entity_type: Service";
const used = 'asserts:resource:usage{asserts_source="s", asserts_resource_type="heap:usage"}';
const limit = 'asserts:resource:gauge{asserts_source="s", asserts_resource_type="heap:limit"}';

const usage = '{source=s entity_type=Service resource_type=heap:usage}';

describe('utilisation', () => {
  it('gives use, limit and share', () => {
    const signal = `  - {${head}, used: 'u{area="heap"}', limit: 'm{area="heap"}'}`;
    expect(expand(signal)).toBe(
      `
asserts:resource:usage${usage} = u{area="heap"}
asserts:resource:gauge{source=s entity_type=Service resource_type=heap:limit} = m{area="heap"}
asserts:resource${usage} = sum by (${KEYS}) (${used}) / (sum by (${KEYS}) (${limit}) > 0 < Inf)
`.trim(),
    );
    const { mappings, derived, keptRaw } = planOfSignals(signal);
    expect([mappings.length, derived.flatMap(({ rules }) => rules).length, keptRaw]).toEqual([2, 1, []]);
  });

  it.each([
    ['heap:usage', 'heap:limit'],
    ['client_connections', 'client_connections:limit'],
    ['disk:inodes_usage', 'disk:inodes_limit'],
    ['memory:rss', 'memory:rss_limit'],
  ])('names the limit of %s', (type, limitOfIt) => {
    expect(expand(`  - {${head.replace('heap:usage', type)}, used: u, limit: m}`)).toContain(
      `asserts:resource:gauge{source=s entity_type=Service resource_type=${limitOfIt}} = m`,
    );
  });

  it('takes the fullest part where parts have limits of their own', () => {
    expect(expand(`  - {${head}, used: u, limit: m, by: [id]}`)).toContain(
      ` = max by (${KEYS}) (sum by (${KEYS}, id) (${used}) / (sum by (${KEYS}, id) (${limit}) > 0 < Inf))`,
    );
  });

  it('adds up parts that have a limit, on both sides', () => {
    const bounded = `(sum by (${KEYS}, id) (${limit}) > 0 < Inf)`;
    expect(expand(`  - {${head}, used: u, limit: m, by: [id], aggregate: sum}`)).toContain(
      ` = sum by (${KEYS}) (sum by (${KEYS}, id) (${used}) and on (${KEYS}, id) ${bounded}) / sum by (${KEYS}) (${bounded})`,
    );
  });

  it('uses counters by their rate', () => {
    const total = 'asserts:resource:total{asserts_source="s", asserts_resource_type="heap:usage"}';
    expect(expand(`  - {${head}, used: u_total, used_type: counter, limit: m}`)).toBe(
      `
asserts:resource:total${usage} = u_total
asserts:resource:gauge{source=s entity_type=Service resource_type=heap:limit} = m
asserts:resource:usage${usage} = sum by (${KEYS}) (rate(${total}[5m]))
asserts:resource${usage} = sum by (${KEYS}) (rate(${total}[5m])) / (sum by (${KEYS}) (${limit}) > 0 < Inf)
`.trim(),
    );
  });

  it('takes a share that is ready-made', () => {
    expect(expand(`  - {${head}, used: x_percent, divide: 100, aggregate: max}`)).toBe(
      `
asserts:resource:usage${usage} = x_percent / 100
asserts:resource${usage} = max by (${KEYS}) (${used})
`.trim(),
    );
    expect(mistakesOf(`  - {${head}, used: x_percent, by: [id]}`)).toBe(
      'signals.yml:2: signals[0].by: has a meaning only beside limit; remove it, or give the limit',
    );
  });
});
