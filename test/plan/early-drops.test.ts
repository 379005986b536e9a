import { describe, expect, it } from 'vitest';
import { earlyDrops } from '../../lib/plan/early-drops.ts';
import { planOf } from './fixture.ts';

function early(relabel: string): string[] {
  return earlyDrops(planOf('a = x', relabel).relabelConfigs).map(({ regex }) => regex);
}

const drop = (label: string, regex: string) => `{source_labels: [${label}], regex: ${regex}, action: drop}`;

describe('earlyDrops', () => {
  it('are those that read raw labels only', () => {
    expect(early(`[${drop('a', 'one')}, {target_label: b}, ${drop('b', 'two')}, ${drop('a', 'three')}]`)).toEqual([
      'one',
      'three',
    ]);
    expect(early('[{source_labels: [a], regex: k, action: keep}]')).toEqual(['k']);
  });

  it('do not read what the scope sets', () => {
    expect(early(`[${drop('asserts_env', 'one')}, ${drop('asserts_name', 'two')}]`)).toEqual([]);
  });

  it.each([
    '{regex: z, action: labeldrop}',
    '{regex: "m_(.*)", action: labelmap}',
    '{source_labels: [a], target_label: "${1}"}',
  ])('end with %s', (config) => {
    expect(early(`[${drop('a', 'one')}, ${config}, ${drop('c', 'two')}]`)).toEqual(['one']);
  });
});
