import { describe, expect, it } from 'vitest';
import { ESCAPINGS, escapeName } from '../../../lib/api/federate/escape-name.ts';

describe('escapeName', () => {
  it.each([
    ['utf8.metric.name', 'utf8_metric_name', 'utf8_dot_metric_dot_name', 'U__utf8_2e_metric_2e_name'],
    ['under_score.x', 'under_score_x', 'under__score_dot_x', 'U__under__score_2e_x'],
    ['1st', '_st', '__st', 'U___31_st'],
    ['é', '_', '__', 'U___e9_'],
    ['a 🜁', 'a__', 'a____', 'U__a_20__1f701_'],
    ['a:b-1', 'a:b_1', 'a:b__1', 'U__a:b_2d_1'],
  ])('%s is %s, %s or %s', (name, underscores, dots, values) => {
    expect(ESCAPINGS.map((escaping) => escapeName(name, escaping))).toEqual([name, underscores, dots, values]);
  });

  it('leaves legacy names alone in every scheme', () => {
    for (const escaping of ESCAPINGS) expect(escapeName('job:up_total', escaping)).toBe('job:up_total');
  });
});
