import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dataFolderError, openDataFolder, sha256Of } from '../../local/data-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('openDataFolder', () => {
  it('makes the folder and keeps its token', async () => {
    const path = join(folder, 'deep', 'down');
    const first = await openDataFolder(path);
    expect(first).toEqual({
      path,
      queue: join(path, 'queue'),
      tables: join(path, 'tables'),
      token: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await openDataFolder(path)).toEqual(first);
    expect((await openDataFolder(join(folder, 'other'))).token).not.toBe(first.token);
  });

  it('gives two starts at one moment the same token', async () => {
    const path = join(folder, 'race');
    const tokens = await Promise.all([1, 2, 3, 4].map(async () => (await openDataFolder(path)).token));
    expect(new Set(tokens).size).toBe(1);
  });

  it('does not take a broken token', async () => {
    const { path } = await openDataFolder(join(folder, 'broken'));
    writeFileSync(join(path, 'write-token'), 'short\n');
    await expect(openDataFolder(path)).rejects.toThrow(/write-token holds no token; delete it and start again/);
  });

  it.skipIf(process.getuid?.() === 0)('says that a folder cannot be written to', async () => {
    const path = join(folder, 'readonly');
    await openDataFolder(path);
    chmodSync(path, 0o500);
    await expect(openDataFolder(join(path, 'below'))).rejects.toThrow(/cannot be written to; change its permissions/);
    chmodSync(path, 0o700);
  });
});

describe('dataFolderError', () => {
  it.each([
    [
      Object.assign(new Error('x'), { code: 'EACCES' }),
      /\/d: it cannot be written to; change its permissions, or name/,
    ],
    [Object.assign(new Error('x'), { code: 'EROFS' }), /it cannot be written to/],
    [new Error('open', { cause: { code: 'LEVEL_LOCKED' } }), /another process uses it; stop that one, or name another/],
    [new Error('disk on fire'), /\/d: disk on fire; repair it, or name another one with --data/],
  ])('explains %s', (cause, text) => {
    expect(dataFolderError('/d', cause).message).toMatch(text);
    expect(dataFolderError('/d', cause).cause).toBe(cause);
  });
});

describe('sha256Of', () => {
  it('is hex as sha256sum prints it', () => {
    expect(sha256Of('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
