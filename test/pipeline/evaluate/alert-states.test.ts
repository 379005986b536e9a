import { describe, expect, it } from 'vitest';
import { stepAlerts } from '../../../lib/pipeline/evaluate/alert-states.ts';
import { formatAlertValue } from '../../../lib/pipeline/evaluate/alerting-rule.ts';
import type { ActiveAlert } from '../../../lib/storage/rule-state.ts';
import { series } from '../../model/series.ts';

const sighting = (text: string, value = '1e+00') => ({ labels: series(text), annotations: { at: value }, value });

/** States after each of the given evaluations a second apart: `.` sees nothing, anything else is the value seen. */
function states(seen: string, times: { for: number; keepFiringFor: number }): string {
  let alerts: readonly ActiveAlert[] = [];
  return [...seen]
    .map((value, i) => {
      alerts = stepAlerts(alerts, value === '.' ? [] : [sighting('A{x="1"}', value)], i, times);
      return alerts[0]?.state[0] ?? '-';
    })
    .join('');
}

describe('the states of an alert', () => {
  it.each([
    ['111..1', 0, 0, 'fff--f'],
    ['11111.1', 3, 0, 'pppff-p'],
    ['11.111', 3, 0, 'pp-ppp'],
    ['11...11', 0, 2, 'ffff-ff'],
    ['11....', 1, 3, 'pffff-'],
    ['11.1..', 0, 2, 'ffffff'],
    ['1....', 2, 9, 'p----'],
  ])('%s with for %i and keep_firing_for %i are %s', (seen, hold, keepFiringFor, expected) => {
    expect(states(seen, { for: hold, keepFiringFor })).toBe(expected);
  });

  it('keep the time at which they began, and follow value and annotations', () => {
    const times = { for: 0, keepFiringFor: 10 };
    const first = stepAlerts([], [sighting('A{x="1"}', '1e+00')], 5, times);
    const second = stepAlerts(first, [sighting('A{x="1"}', '2e+00')], 7, times);
    expect(second).toMatchObject([{ activeAt: 5, value: '2e+00', annotations: { at: '2e+00' } }]);
    const kept = stepAlerts(second, [], 9, times);
    expect(kept).toMatchObject([{ activeAt: 5, keepFiringSince: 9, value: '2e+00' }]);
    expect(stepAlerts(kept, [sighting('A{x="1"}')], 11, times)[0]).not.toHaveProperty('keepFiringSince');
  });

  it('are told apart by labels', () => {
    const both = stepAlerts([], [sighting('A{x="1"}'), sighting('A{x="2"}')], 0, { for: 0, keepFiringFor: 0 });
    expect(stepAlerts(both, [sighting('A{x="2"}')], 1, { for: 0, keepFiringFor: 0 })).toEqual([
      { ...both[1], annotations: { at: '1e+00' } },
    ]);
  });
});

describe('the value of an alert', () => {
  it.each([
    [0, '0e+00'],
    [-0, '-0e+00'],
    [1.5, '1.5e+00'],
    [123456, '1.23456e+05'],
    [1e-7, '1e-07'],
    [1e100, '1e+100'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is written %s', (value, text) => {
    expect(formatAlertValue(value)).toBe(text);
  });
});
