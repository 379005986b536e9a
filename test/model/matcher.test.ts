import { describe, expect, it } from 'vitest';
import { Matcher, type MatchType } from '../../lib/model/matcher.ts';
import { RegexpError } from '../../lib/model/regexp.ts';

describe('Matcher', () => {
  it.each<[MatchType, string, string, boolean]>([
    ['=', 'a', 'a', true],
    ['=', '', '', true],
    ['!=', 'a', '', true],
    ['!=', 'a', 'a', false],
    ['=~', 'a|b', 'b', true],
    ['=~', '.+', '', false],
    ['=~', '.*', '', true],
    ['!~', '5..', '503', false],
    ['!~', '5..', '', true],
  ])('x%s%j on %j: %s', (type, value, input, expected) => {
    expect(new Matcher(type, 'x', value).matches(input)).toBe(expected);
  });

  it('tells what it can match', () => {
    expect(new Matcher('=', 'x', 'a').setMatches).toEqual(['a']);
    expect(new Matcher('=~', 'x', 'a|b').setMatches).toEqual(['a', 'b']);
    expect(new Matcher('!~', 'x', 'a|b').setMatches).toBeUndefined();
    expect(new Matcher('=~', 'x', 'ab.*').prefix).toBe('ab');
    expect(new Matcher('=', 'x', 'ab').prefix).toBe('ab');
    expect(new Matcher('!=', 'x', 'ab').prefix).toBe('');
  });

  it('prints itself as PromQL', () => {
    expect(String(new Matcher('=~', 'x', 'a"b'))).toBe('x=~"a\\"b"');
  });

  it('refuses an invalid expression when it is made, not when it is used', () => {
    expect(() => new Matcher('!~', 'x', '(')).toThrow(RegexpError);
  });
});
