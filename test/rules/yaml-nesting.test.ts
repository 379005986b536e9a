import { describe, expect, it } from 'vitest';
import { MAX_YAML_DEPTH, tooDeepLine } from '../../lib/rules/yaml-nesting.ts';

describe('tooDeepLine', () => {
  it.each([
    ['brackets', '['.repeat(50_000), 1],
    ['braces over many lines', `a: 1\n${'{a:\n'.repeat(50_000)}`, 102],
    ['lists in lists', `a:\n  ${'- '.repeat(50_000)}`, 2],
    ['keys of keys', '? '.repeat(50_000), 1],
    ['maps on one line', 'name: cal    '.repeat(5000), 1],
    ['indentation', Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), 102],
  ])('finds %s', (_, text, line) => {
    expect(tooDeepLine(text)).toBe(line);
  });

  it.each([
    ['a hundred levels', '['.repeat(MAX_YAML_DEPTH) + ']'.repeat(MAX_YAML_DEPTH)],
    ['long flow maps', `a: {${Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join(', ')}}`],
    [
      'braces in texts',
      `expr: "${'{['.repeat(500)}"\nother: '${'{{['.repeat(500)}'\nblock: |\n  ${'- [{'.repeat(500)}`,
    ],
    ['many short lists', '- - a\n'.repeat(1000)],
    ['long aligned comments', `a: 1${' '.repeat(20)}# ${'- '.repeat(500)}`],
  ])('lets %s be', (_, text) => {
    expect(tooDeepLine(text)).toBeUndefined();
  });
});
