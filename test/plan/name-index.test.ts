import { describe, expect, it } from 'vitest';
import { Matcher } from '../../lib/model/matcher.ts';
import { NameIndex } from '../../lib/plan/name-index.ts';

const name = (type: '=' | '=~' | '!=', value: string) => new Matcher(type, '__name__', value);

describe('NameIndex', () => {
  it('finds items by name and tries those without one each time, in their order', () => {
    const items = [
      [name('=~', 'x.*')],
      [name('=', 'x')],
      [name('=~', 'x|y')],
      [new Matcher('=', 'a', 'b')],
      [name('!=', 'x')],
    ];
    const index = new NameIndex(items, (matchers) => matchers);
    const found = (metric: string) => index.candidates(metric).map((item) => items.indexOf(item as Matcher[]));
    expect(found('x')).toEqual([0, 1, 2, 3, 4]);
    expect(found('y')).toEqual([0, 2, 3, 4]);
    expect(found('z')).toEqual([0, 3, 4]);
  });

  it('finds nothing for names that nobody mentions', () => {
    expect(new NameIndex([[name('=', 'x')]], (matchers) => matchers).candidates('y')).toEqual([]);
  });

  it('uses the finite one of two matchers on the name', () => {
    const index = new NameIndex([[name('=~', 'x.*'), name('=', 'x1')]], (matchers) => matchers);
    expect(index.candidates('x1')).toHaveLength(1);
    expect(index.candidates('x2')).toHaveLength(0);
  });
});
