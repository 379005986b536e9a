import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeName } from '../../../lib/api/federate/escape-name.ts';
import { unescapeName } from '../../../lib/api/params/unescape-name.ts';

it.each([
  ['job', 'job'],
  ['U__label_2e_with_2e_dots', 'label.with.dots'],
  ['U__under__score_2e_x', 'under_score.x'],
  ['U___e9_', 'é'],
  ['U___1f701_', '🜁'],
  ['U__', ''],
  ['U_x', 'U_x'],
  ['U__broken_2e', 'U__broken_2e'],
  ['U__broken_zz_', 'U__broken_zz_'],
  ['U___d800_', 'U___d800_'],
  ['U___110000_', 'U___110000_'],
  ['U___0000000041_', 'U___0000000041_'],
])('%s stands for %s', (escaped, name) => {
  expect(unescapeName(escaped)).toBe(name);
});

it('undoes the escaping of every name', () => {
  const anyName = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !name.startsWith('U__'));
  fc.assert(
    fc.property(anyName, (name) => {
      expect(unescapeName(escapeName(name, 'values'))).toBe(name);
    }),
  );
});
