import { expect, it } from 'vitest';
import { treeText } from '../../../lib/api/json/tree-text.ts';

it('sorts keys, escapes text, and writes numbers as Go does', () => {
  const tree = { b: [1, 1e-7, -0], a: { '<': null, ä: true }, c: [], d: {} };
  expect(treeText(tree)).toBe('{"a":{"\\u003c":null,"ä":true},"b":[1,1e-07,-0],"c":[],"d":{}}');
});
