import { describe, expect, it } from 'vitest';
import { parseMatchers, parseSelector, selectorText } from '../../../lib/rules/signals/selector.ts';

describe('selectorText', () => {
  it.each([
    ['x_total', 'x_total_sum'],
    ['x{a="b", c!~"d|e"}', 'x_sum{a="b", c!~"d|e"}'],
    ['{"http.server", "http.route"!=""}', '{"http.server_sum", "http.route"!=""}'],
    ['x{a="q\\"\\\\"}', 'x_sum{a="q\\"\\\\"}'],
  ])('%s', (text, printed) => {
    const selector = parseSelector(text);
    expect(selectorText(selector, '_sum')).toBe(printed);
    expect(parseSelector(selectorText(selector))).toEqual(selector);
  });

  it('adds matchers, each once', () => {
    expect(selectorText(parseSelector('x{a="b"}'), '', parseMatchers('a="b", c="d"'))).toBe('x{a="b", c="d"}');
    expect(parseMatchers('')).toEqual([]);
  });
});
