import { describe, expect, it } from 'vitest';
import { compileAnchored } from '../../lib/model/regexp.ts';
import { capture, parseTemplate } from '../../lib/relabel/template.ts';

function expand(regex: string, value: string, template: string): string | undefined {
  const captures = capture(compileAnchored(regex), value);
  return captures === undefined ? undefined : parseTemplate(template).expand(captures);
}

describe('parseTemplate', () => {
  it.each([
    ['$1-$2', 'a-b'],
    ['${1}x$2', 'axb'],
    ['$1x', ''],
    ['$0', 'ab'],
    ['${name}', 'b'],
    ['$name.', 'b.'],
    ['$$1', '$1'],
    ['$', '$'],
    ['${', '${'],
    ['${}', '${}'],
    ['$-', '$-'],
    ['$3', ''],
    ['$01', ''],
    ['plain', 'plain'],
  ])('%s is expanded to %j, as in Go', (template, expected) => {
    expect(expand('(a)(?P<name>b)', 'ab', template)).toBe(expected);
  });

  it('takes a group that did not take part for empty', () => {
    expect(expand('(a)|(b)', 'b', '[$1|$2]')).toBe('[|b]');
  });

  it('tells whether there is anything to expand', () => {
    expect(parseTemplate('a$1').hasReferences).toBe(true);
    expect(parseTemplate('a$$').hasReferences).toBe(false);
  });

  it('captures whole values only', () => {
    expect(expand('a', 'ab', 'x')).toBeUndefined();
  });
});
