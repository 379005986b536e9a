import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { compileAnchored, compileRegexp, MAX_REGEXP_LENGTH, RegexpError } from '../../lib/model/regexp.ts';

describe('compileRegexp', () => {
  it.each([
    ['foo', 'foo', true],
    ['foo', 'foobar', false],
    ['foo|bar', 'bar', true],
    ['foo|', '', true],
    ['', '', true],
    ['', 'x', false],
    ['foo.*', 'foo', true],
    ['foo.+', 'foo', false],
    ['foo.+', 'foo\n', true],
    ['.*foo', 'afoo', true],
    ['.*foo.*', 'afoob', true],
    ['.+foo.*', 'foo', false],
    ['.+foo.*', 'foofoo', true],
    ['.*foo.+', 'foo', false],
    ['a.*a', 'a', false],
    ['a.*b.*a', 'aba', true],
    ['a.+b.+a', 'abba', false],
    ['a.+b.+a', 'axbxa', true],
    ['http_(server|client)_.*', 'http_client_x', true],
    ['^foo$', 'foo', true],
    ['^a|b$', 'b', true],
    ['5..', '503', true],
    ['5..', '5', false],
    ['(?i)foo', 'FOO', true],
    ['a\\.b', 'a.b', true],
    ['a\\.b', 'axb', false],
    ['[1-5]xx', '4xx', true],
    ['a{2}', 'aa', true],
  ])('%s against %j: %s', (source, value, expected) => {
    expect(compileRegexp(source).matches(value)).toBe(expected);
  });

  it('agrees with RE2 on every expression it takes a short way for', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      'ab',
      '.*',
      '.+',
      '|',
      '(a|b)',
      '(?:ab|)',
      '\\.',
      '^',
      '$',
      '.',
      'a?',
      '()',
      '[a|b]',
      'b{0,1}',
      'b*',
      '(?i)',
      '\\Qa|\\E',
      '(?:a(?:b|.))',
    );
    const expression = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''));
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 7 });
    fc.assert(
      fc.property(expression, fc.array(value, { minLength: 5, maxLength: 20 }), (source, values) => {
        const ours = compileRegexp(source);
        const theirs = RE2JS.compile(source, RE2JS.DOTALL);
        for (const one of values) {
          const expected = theirs.testExact(one);
          expect([source, one, ours.matches(one)]).toEqual([source, one, expected]);
          if (expected) expect(one.startsWith(ours.prefix)).toBe(true);
          if (expected && ours.setMatches !== undefined) expect(ours.setMatches).toContain(one);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('tells the finite set and the prefix', () => {
    expect(compileRegexp('foo_(bar|baz)').setMatches).toEqual(['foo_bar', 'foo_baz']);
    expect(compileRegexp('foo_(bar|baz)').prefix).toBe('foo_ba');
    expect(compileRegexp('foo.*').prefix).toBe('foo');
    expect(compileRegexp('foo[0-9]+').prefix).toBe('foo');
    expect(compileRegexp('foo?').prefix).toBe('fo');
    expect(compileRegexp('foo?|x').prefix).toBe('');
    expect(compileRegexp('.*').setMatches).toBeUndefined();
  });

  it('keeps thousands of names as a set', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `metric_number_${i}`);
    const matcher = compileRegexp(names.join('|'));
    expect(matcher.setMatches).toHaveLength(20_000);
    expect(matcher.matches('metric_number_19999')).toBe(true);
  });

  it.each(['(', 'a**', '[a', '(?<x', 'a{1001}', '\\8'])('refuses %s with the reason of RE2', (source) => {
    expect(() => compileRegexp(source)).toThrow(RegexpError);
    expect(() => compileRegexp(source)).toThrow(/^error parsing regexp: /);
  });

  it('refuses expressions that are too long or too complex', () => {
    expect(() => compileRegexp(`[ab]${'x'.repeat(MAX_REGEXP_LENGTH)}`)).toThrow(/too long: at most 100000/);
    expect(() => compileAnchored('x{1000}'.repeat(60))).toThrow(/too complex: it compiles to 6\d+ instructions/);
  });
});
