// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of label_replace look like those of JavaScript
import { expect, it } from 'vitest';
import { compileAnchored } from '../../../lib/model/regexp.ts';
import { expandTemplate } from '../../../lib/promql/functions/expand-template.ts';

it.each([
  ['$1-$2', 'a-b'],
  ['${1}x', 'ax'],
  ['$1x', ''],
  ['${name}', 'b'],
  ['$name.', 'b.'],
  ['$$1', '$1'],
  ['$0', 'a.b'],
  ['$3', ''],
  ['$', '$'],
  ['${', '${'],
  ['$7', ''],
])('%s', (template, expected) => {
  const matcher = compileAnchored('(.)\\.(?P<name>.)(x)?').matcher('a.b');
  expect(matcher.matches()).toBe(true);
  expect(expandTemplate(template, matcher)).toBe(expected);
});
