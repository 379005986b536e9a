import { describe, expect, it } from 'vitest';
import { formatPath, readYaml } from '../../lib/rules/yaml-file.ts';

describe('readYaml', () => {
  it('keeps texts as written, or reads them as YAML 1.2 does', () => {
    expect(readYaml('f', 'a: 1\nb: yes\nc: 1e3\nd:', 'strings').value).toEqual({ a: '1', b: 'yes', c: '1e3', d: '' });
    expect(readYaml('f', 'a: 1\nb: yes\nc: true\nd:', 'core').value).toEqual({ a: 1, b: 'yes', c: true, d: null });
  });

  it('knows where things stand, or what is around them', () => {
    const yaml = readYaml('f', '# comment\na:\n  - b: 1\n    c:\n      d: 2\n  - e\n', 'core');
    expect(
      [[], ['a'], ['a', 0, 'b'], ['a', 0, 'c', 'd'], ['a', 1], ['a', 0, 'missing'], ['a', 7], ['z']].map((path) =>
        yaml.lineOf(path),
      ),
    ).toEqual([2, 2, 3, 5, 6, 3, 2, 2]);
    expect(readYaml('f', '', 'core').lineOf(['a'])).toBe(1);
  });

  it('refuses what is no YAML with its line, and every such place', () => {
    expect(() => readYaml('f.yml', 'a: 1\nb: [1\n', 'core')).toThrow(/^f\.yml:\d+: this is not YAML: /);
    expect(() => readYaml('f.yml', 'a: 1\na: 2\n', 'core')).toThrow(
      'f.yml:2: this is not YAML: map keys must be unique',
    );
    expect(() => readYaml('f.yml', 'a: *nowhere\n', 'core')).toThrow(/not YAML.*nowhere/);
  });

  it('does not unfold bombs of aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    expect(() => readYaml('f.yml', `l0: &l0 x\n${levels.join('\n')}\n`, 'core')).toThrow(
      /f\.yml: this is not YAML: .*alias/,
    );
  });
});

describe('readYaml, of files that hurt', () => {
  it.each([
    ['a: &a [*a]', /f\.yml: this is not YAML: an alias stands for something that it is a part of/],
    ['&a\nb: {c: *a}', /an alias stands for something/],
    ['a: &a\n  <<: *a\n  b: 1', /not YAML/],
    ['[1, 2]: x\n__proto__: 1\n__proto__: 2', /f\.yml:3: .*unique/],
  ])('refuses %j', (text, reason) => {
    expect(() => readYaml('f.yml', text, 'core')).toThrow(reason);
  });

  it('takes an alias twice that is no part of itself', () => {
    expect(readYaml('f.yml', 'a: &a [1]\nb: [*a, *a]', 'core').value).toEqual({ a: [1], b: [[1], [1]] });
  });

  it('finds the lines of ten thousand keys in time', () => {
    const text = Array.from({ length: 10_000 }, (_, i) => `k${i}: 1\n`).join('');
    const began = process.cpuUsage();
    const yaml = readYaml('f.yml', text, 'core');
    for (let i = 0; i < 10_000; i++) expect(yaml.lineOf([`k${i}`])).toBe(i + 1);
    expect(process.cpuUsage(began).user).toBeLessThan(5e6);
  });
});

describe('formatPath', () => {
  it('writes paths as people read them', () => {
    expect(formatPath(['groups', 0, 'rules', 12, 'expr'])).toBe('groups[0].rules[12].expr');
    expect(formatPath([])).toBe('');
  });
});
