import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Matcher } from '../../lib/model/matcher.ts';
import { allowAbsent } from '../../lib/plan/allow-absent.ts';
import type { MatcherSpec } from '../../lib/plan/plan.ts';

const type = fc.constantFrom('=', '!=', '=~', '!~') as fc.Arbitrary<MatcherSpec['type']>;
const value = fc.constantFrom('', 'a', 'a.b', 'a|b', '|a', '.+', '(?:a|)');
const passes = ({ type, name, value }: MatcherSpec, label: string) => new Matcher(type, name, value).matches(label);

describe('allowAbsent', () => {
  it('lets through what the matcher does, and series without the label', () => {
    fc.assert(
      fc.property(type, value, fc.constantFrom('', 'a', 'a.b', 'axb', 'b'), (type, value, label) => {
        const spec = { type, name: 'x', value };
        for (const widened of allowAbsent(spec)) {
          expect(passes(widened, '')).toBe(true);
          if (label !== '') expect(passes(widened, label)).toBe(passes(spec, label));
        }
      }),
    );
  });

  it('says nothing where no matcher can say it', () => {
    expect(allowAbsent({ type: '!=', name: 'x', value: '' })).toEqual([]);
    expect(allowAbsent({ type: '!~', name: 'x', value: '|a' })).toEqual([]);
  });
});
