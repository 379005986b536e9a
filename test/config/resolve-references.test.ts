import { describe, expect, it } from 'vitest';
import { resolveReferences } from '../../lib/config/resolve-references.ts';
import type { Mistake } from '../../lib/rules/mistake.ts';
import { readYaml } from '../../lib/rules/yaml-file.ts';

function resolve(text: string, environment: Record<string, string>): { value: unknown; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  return { value: resolveReferences(readYaml('f.yml', text, 'core'), environment, mistakes), mistakes };
}

describe('resolveReferences', () => {
  it('replaces references anywhere in a document, also inside a text', () => {
    const text = 'a: ["${env:A}", {b: "x-${env:B, none}-${ env:A }"}]\nn: 1\nz: null\n';
    expect(resolve(text, { A: '1' })).toEqual({ value: { a: ['1', { b: 'x-none-1' }], n: 1, z: null }, mistakes: [] });
  });

  it('takes an empty variable for unset, and an empty fallback as it stands', () => {
    expect(resolve('a: "${env:A, x}"\nb: "${env:A, }"', { A: '' }).value).toEqual({ a: 'x', b: '' });
  });

  it('tells of every variable that is not set, with its place', () => {
    const { mistakes } = resolve('a: "${env:A}"\nb:\n  - "${env:B}${env:C}"\n', {});
    expect(mistakes.map(({ line, key, message }) => [line, key, message.slice(0, 26)])).toEqual([
      [1, 'a', 'the environment variable A'],
      [3, 'b[0]', 'the environment variable B'],
      [3, 'b[0]', 'the environment variable C'],
    ]);
  });

  it('refuses references of other kinds', () => {
    expect(resolve('a: "${self:x}"', {}).mistakes[0]?.message).toMatch(
      /^\$\{self:x\} is not a reference that is known; write \$\{env:NAME\}/,
    );
  });
});
