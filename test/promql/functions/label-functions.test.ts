// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of label_replace look like those of JavaScript
import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../../lib/promql/errors.ts';
import { callFunction, text, vector } from './call-function.ts';

const replace = (series: Parameters<typeof vector>[0], ...args: string[]) =>
  callFunction('label_replace', [vector(series), ...args.map(text)]).cells;
const join = (series: Parameters<typeof vector>[0], ...args: string[]) =>
  callFunction('label_join', [vector(series), ...args.map(text)]).cells;

describe('label_replace', () => {
  it.each([
    ['a whole match', ['dst', 'v-$1', 'src', 'a-(.*)'], { 'm{dst="v-1", src="a-1"}': [1] }],
    ['no part of a value', ['dst', 'v-$1', 'src', '-(.*)'], { 'm{src="a-1"}': [1] }],
    ['named groups', ['dst', '${n}x', 'src', '(?P<n>.).*'], { 'm{dst="ax", src="a-1"}': [1] }],
    ['a missing label as empty', ['dst', 'x', 'none', '()'], { 'm{dst="x", src="a-1"}': [1] }],
    ['a group that is none as empty', ['src', '$9', 'src', '.*'], { m: [1] }],
    ['the name', ['__name__', 'n_$1', '__name__', '(.*)'], { 'n_m{src="a-1"}': [1] }],
  ])('replaces %s', (_, args, expected) => {
    expect(replace({ 'm{src=a-1}': [1] }, ...args)).toEqual(expected);
  });

  it.each([
    [['\ufffd', '', 'src', '(.*)'], 'invalid destination label name in label_replace(): \ufffd'],
    [['', '', 'src', '(.*)'], 'invalid destination label name in label_replace(): '],
    [['dst', '', 'src', '(.*'], 'invalid regular expression in label_replace(): (.*'],
  ])('refuses %j', (args, message) => {
    expect(() => replace({ m: [1] }, ...args)).toThrow(ExecutionError);
    expect(() => replace({ m: [1] }, ...args)).toThrow(message);
  });

  it('merges series that become one, unless they meet', () => {
    const apart = { 'm{a=1}': [1, undefined], 'm{a=2}': [undefined, 2] };
    expect(replace(apart, 'a', 'x', '', '')).toEqual({ 'm{a="x"}': [1, 2] });
    expect(() => replace({ 'm{a=1}': [1], 'm{a=2}': [2] }, 'a', 'x', '', '')).toThrow(
      'vector cannot contain metrics with the same labelset',
    );
  });
});

describe('label_join', () => {
  it.each([
    ['in the order given', ['dst', '-', 'b', 'a'], { 'm{a="1", b="2", dst="2-1"}': [1] }],
    ['missing ones as empty', ['dst', '-', 'a', 'x', 'b'], { 'm{a="1", b="2", dst="1--2"}': [1] }],
    ['none, removing the label', ['a', ', '], { 'm{b="2"}': [1] }],
  ])('joins labels %s', (_, args, expected) => {
    expect(join({ 'm{a=1,b=2}': [1] }, ...args)).toEqual(expected);
  });

  it('refuses label names that are none', () => {
    expect(() => join({ m: [1] }, 'dst', '-', '')).toThrow('invalid source label name in label_join(): ');
  });

  it('keeps a name that is set', () => {
    const dropped = vector({ m: [1] });
    const series = dropped.series.map((one) => ({ ...one, dropName: true }));
    const answer = callFunction('label_join', [
      { kind: 'vector', series },
      text('__name__'),
      text(''),
      text('__name__'),
    ]);
    expect(answer.cells).toEqual({ m: [1] });
  });
});
