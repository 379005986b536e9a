import { describe, expect, it } from 'vitest';
import { Matcher } from '../../lib/model/matcher.ts';
import { classOfResult, mayBeAlerts } from '../../lib/storage/alert-series.ts';

describe('classOfResult', () => {
  it.each([
    ['ALERTS', 'alerts'],
    ['ALERTS_FOR_STATE', 'alerts'],
    ['ALERTS_2', 'derived'],
    ['asserts:request:rate5m', 'derived'],
  ])('puts %s among %s', (metric, expected) => {
    expect(classOfResult(metric)).toBe(expected);
  });
});

describe('mayBeAlerts', () => {
  it.each([
    [[], true],
    [[new Matcher('=', 'job', 'a')], true],
    [[new Matcher('=', '__name__', 'ALERTS_FOR_STATE')], true],
    [[new Matcher('=~', '__name__', 'up|ALERTS')], true],
    [[new Matcher('=', '__name__', 'up')], false],
    [[new Matcher('=~', '__name__', 'ALERTS.*'), new Matcher('!~', '__name__', 'ALERTS.*')], false],
  ])('%s: %s', (matchers, expected) => {
    expect(mayBeAlerts(matchers)).toBe(expected);
  });
});
