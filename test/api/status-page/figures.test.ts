import { describe, expect, it } from 'vitest';
import { ageText, countText, stateOf } from '../../../lib/api/status-page/figures.ts';

describe('figures', () => {
  it.each([
    [0, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [61_000, '1 min 1 s'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '1 d 1 h'],
    [864_000_000, '10 d'],
  ])('%s ms is %s', (ms, text) => expect(ageText(ms)).toBe(text));

  it('groups digits', () => expect(countText(1_234_567)).toBe('1,234,567'));

  it('colours verdicts, and those it does not know as poor', () => {
    expect(String(stateOf('fresh'))).toBe('<span class="state good">fresh</span>');
    expect(String(stateOf('silent'))).toContain('bad');
    expect(String(stateOf('odd'))).toContain('poor');
  });
});
