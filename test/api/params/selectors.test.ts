import { describe, expect, it } from 'vitest';
import { Params } from '../../../lib/api/params/params.ts';
import { parseSelector, selectorsOf } from '../../../lib/api/params/selectors.ts';

describe('selectorsOf', () => {
  it('reads each match[] as matchers', () => {
    expect(read('up', '{__name__!="",job=~"a|b"}').map((matchers) => matchers.map(String))).toEqual([
      ['__name__="up"'],
      ['__name__!=""', 'job=~"a|b"'],
    ]);
  });

  it.each(['{job=~".*"}', '{}', '{job=""}', '{job!="x"}'])('refuses %s, which every series could match', (selector) => {
    expect(() => read('up', selector)).toThrow('match[] must contain at least one non-empty matcher');
  });

  it.each([
    ['up -', '1:4: parse error: unexpected <op:->'],
    ['up{', '1:4: parse error: unexpected end of input inside braces'],
  ])('tells where %s is wrong', (selector, message) => {
    expect(() => read(selector)).toThrow(message);
  });

  it.each(['up[5m]', 'up offset 5m', 'up @ 4', '1', 'sum(up)', 'up or down'])(
    'takes no more than a selector: %s',
    (text) => {
      expect(() => read(text)).toThrow(/parse error: unexpected/);
    },
  );
});

describe('parseSelector', () => {
  it('may match everything', () => {
    expect(parseSelector('{}')).toEqual([]);
  });
});

function read(...selectors: string[]) {
  return selectorsOf(
    new Params(new URLSearchParams(selectors.map((selector): [string, string] => ['match[]', selector]))),
  );
}
