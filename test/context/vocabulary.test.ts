import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTEXT_LABELS, VOCABULARY, vocabularyMetric } from '../../lib/context/vocabulary.ts';

const page = readFileSync(new URL('../../docs/contextualized-metrics.md', import.meta.url), 'utf8');

describe('the vocabulary', () => {
  it('has every name once', () => {
    const names = VOCABULARY.map((metric) => metric.metricFamilyName);
    expect(new Set(names).size).toBe(names.length);
    expect(vocabularyMetric('asserts:request:total')?.type).toBe('counter');
    expect(vocabularyMetric('asserts:request:totals')).toBeUndefined();
  });

  it('calls every cumulative metric a counter', () => {
    const counters = VOCABULARY.filter((metric) => metric.type === 'counter').map((metric) => metric.metricFamilyName);
    expect(counters.every((name) => /:(total|count|bucket)$/.test(name))).toBe(true);
  });

  it('asks only for labels that exist', () => {
    const known = new Set([...CONTEXT_LABELS.map((label) => label.name), 'version']);
    expect(VOCABULARY.flatMap((metric) => metric.mandatoryLabels).filter((name) => !known.has(name))).toEqual([]);
  });

  it('is described row by row in docs/contextualized-metrics.md', () => {
    for (const { metricFamilyName, type } of VOCABULARY) {
      expect(page).toMatch(new RegExp(`^\\| \`${metricFamilyName}\` \\| ${type} \\|`, 'm'));
    }
    for (const { name } of CONTEXT_LABELS) expect(page).toContain(`| \`${name}\` |`);
  });
});
