import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../lib/rules/pack.ts';

function folderOf(files: Record<string, string>): { name: string; folder: string; shownAs: string; strict: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-pack-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { name: 'p', folder, shownAs: 'rules/p', strict: true };
}

describe('loadPack', () => {
  it('reads a folder in the order of its names', () => {
    const pack = loadPack(
      folderOf({
        'pack.yml': 'description: Things.',
        'b.yml': 'groups: []',
        'a.yaml': 'groups: []',
        'relabel.yml': 'relabel_configs: []',
        'extra.relabel.yml': 'relabel_configs: []',
        'README.md': '# p',
      }),
    );
    expect(pack).toMatchObject({ name: 'p', description: 'Things.', strict: true });
    expect(pack.ruleFiles.map(({ file }) => file)).toEqual(['rules/p/a.yaml', 'rules/p/b.yml']);
    expect(pack.relabelFiles.map(({ file }) => file)).toEqual(['rules/p/extra.relabel.yml', 'rules/p/relabel.yml']);
  });

  it('reads signals as the rules and relabel configs that they stand for', () => {
    const signal = (name: string) =>
      `signals: [{kind: requestRate, name: ${name}, source: s, request_type: inbound, metric: ${name}, type: counter, context: '{p}'}]`;
    const pack = loadPack(
      folderOf({
        'a.relabel.yml': 'relabel_configs: []',
        'b.signals.yml': signal('b'),
        'c.yml': 'groups: []',
        'signals.yml': signal('s'),
        'z.relabel.yml': 'relabel_configs: []',
      }),
    );
    expect(pack.ruleFiles.map(({ file, groups }) => [file, groups.length])).toEqual([
      ['rules/p/b.signals.yml', 1],
      ['rules/p/c.yml', 0],
      ['rules/p/signals.yml', 1],
    ]);
    expect(pack.relabelFiles.map(({ file, configs }) => [file, configs.length])).toEqual([
      ['rules/p/a.relabel.yml', 0],
      ['rules/p/b.signals.yml', 2],
      ['rules/p/signals.yml', 2],
      ['rules/p/z.relabel.yml', 0],
    ]);
  });

  it('reports the mistakes of all its files', () => {
    const folder = folderOf({ 'pack.yml': 'name: x', 'a.yml': 'groups: 1', 'relabel.yml': 'relabel_configs: 1' });
    expect(() => loadPack(folder)).toThrow(
      /rules\/p\/pack\.yml:1: description: is missing.*rules\/p\/a\.yml:1: groups: must be a list.*rules\/p\/relabel\.yml:1/s,
    );
  });

  it('wants a folder', () => {
    const missing = { name: 'p', folder: '/nowhere', shownAs: 'rules/p', strict: false };
    expect(() => loadPack(missing)).toThrow('rules/p: is not a folder; a pack is a folder of YAML files');
    const { folder } = folderOf({});
    mkdirSync(join(folder, 'sub.yml'));
    writeFileSync(join(folder, 'file'), '');
    expect(() => loadPack({ ...missing, folder: join(folder, 'file') })).toThrow('is not a folder');
  });
});
