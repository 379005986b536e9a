import { describe, expect, it } from 'vitest';
import { isWantedDrop } from '../../lib/pipeline/wanted-drop.ts';
import { DROP_REASONS } from '../../lib/plan/contextualizer.ts';

describe('isWantedDrop', () => {
  it('tells what somebody wrote down from what nobody meant', () => {
    expect(DROP_REASONS.filter(isWantedDrop)).toEqual(['relabel_drop', 'no_rule_matched']);
    expect(isWantedDrop('repeated')).toBe(true);
  });
});
