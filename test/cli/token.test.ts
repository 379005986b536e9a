import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { loadConfig } from '../../lib/config/load-config.ts';
import { TokenUses } from '../../lib/pipeline/token-uses.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { apiOf, NOW, tenantWithTokens } from '../api/fixture.ts';
import { serveApi } from './serve-api.ts';

const HASH = 'a'.repeat(64);
const TEXT = `# All of it.
packs: [prometheus]   # one pack

tenants:
  # The shop.
  - name: shop
    tokens:
      # Writes.
      - name: prom
        sha256: ${HASH}
        scopes: [write]

      # Reads.
      - name: grafana
        sha256: \${env:GRAFANA, closed}
        scopes: [read]
        expires: 2030-01-01   # a long time
    sources:
      - name: main
        type: remote_write
        tokens: [prom] # the writer
      - name: edge
        type: remote_write
        tokens: [edge]
      # End.
`
  .replace('tokens: [edge]', 'tokens: [prom2]')
  .replace(
    '      # Reads.',
    `      - name: prom2
        sha256: ${'b'.repeat(64)}
        scopes: [write]
        sources: [edge]

      # Reads.`,
  );

describe('tributary token create', () => {
  it('prints what to paste, and stores nothing', async () => {
    const { code, out } = await run(
      'token',
      'create',
      'prom',
      '--scope',
      'write',
      'read',
      '--source',
      'a',
      '--expires',
      '90d',
    );
    const token = /tributary_[\w-]{43}/.exec(out)?.[0] ?? '';
    expect(code).toBe(0);
    expect(out).toContain(`sha256: ${createHash('sha256').update(token).digest('hex')}`);
    expect(out).toMatch(/scopes: \[write, read\]\n +sources: \[a\]\n +expires: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n/);
  });

  it('adds the lines to the configuration, and changes no other', async () => {
    const file = fileOf(TEXT);
    const { code, out } = await run('token', 'create', 'ci', '--scope', 'write', '--source', 'main', '-w', '-c', file);
    const sha256 = createHash('sha256')
      .update(/tributary_[\w-]{43}/.exec(out)?.[0] ?? '')
      .digest('hex');
    expect([code, out]).toEqual([0, expect.stringContaining(`Added to tenant shop in ${file}; deploy to open it.`)]);
    const added = `      - name: ci\n        sha256: ${sha256}\n        scopes: [write]\n        sources: [main]\n`;
    expect(readFileSync(file, 'utf8')).toBe(
      TEXT.replace('    sources:\n      - name: main', `${added}    sources:\n      - name: main`)
        .replace('tokens: [prom] # the writer', 'tokens: [prom, ci] # the writer')
        .replace('[prometheus]   #', '[prometheus] #')
        .replace('2030-01-01   #', '2030-01-01 #'),
    );
    expect(loadConfig(file, { environment: {} }).tenants[0]?.tokens.map(({ name }) => name)).toEqual([
      'prom',
      'prom2',
      'ci',
    ]);
  });

  it('changes the file that a link leads to, and leaves the link', async () => {
    const file = fileOf(TEXT);
    const link = join(dirname(file), 'link.yml');
    symlinkSync(file, link);
    expect((await run('token', 'create', 'ci', '--scope', 'read', '-w', '-c', link)).err).toBe('');
    expect(readFileSync(file, 'utf8')).toContain('- name: ci');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it("leaves the project's own configuration as it is, but for the lines", async () => {
    const text = readFileSync(join(import.meta.dirname, '../../tributary.yml'), 'utf8');
    const file = fileOf(text);
    expect((await run('token', 'create', 'ci', '--scope', 'read', '-w', '-c', file)).err).toBe('');
    const lines = readFileSync(file, 'utf8').split('\n');
    const [first] = lines.flatMap((line, i) => (line.includes('name: ci') ? [i] : []));
    expect(lines.toSpliced(first ?? 0, 3).join('\n')).toBe(text);
  });

  it.each([
    ['a name that is taken', ['prom', '--source', 'main'], /tenant shop has a token prom; take another name/],
    [
      'several sources',
      ['ci'],
      /say which remote_write source it writes as, with --source; tenant shop has main, edge/,
    ],
    ['an unknown source', ['ci', '--source', 'none'], /say which remote_write source/],
    ['an unknown tenant', ['ci', '--tenant', 'none'], /there is no tenant "none"; there are shop/],
    [
      'a bad name',
      ['Ci', '--source', 'main'],
      /stays as it is, for it would be wrong:\n.*tokens\[3\]\.name: must begin/,
    ],
    ['no date', ['ci', '--expires', 'soon'], /must be a date such as 2027-01-01/],
    ['a date that is over', ['ci', '--expires', '2020-01-01'], /nobody could use it: that is in the past/],
  ])('refuses %s, and leaves the file alone', async (_, args, message) => {
    const file = fileOf(TEXT);
    const { code, out, err } = await run('token', 'create', ...args, '-w', '-c', file);
    expect([code, out, err]).toEqual([1, '', expect.stringMatching(message)]);
    expect([readFileSync(file, 'utf8'), readdirSync(dirname(file))]).toEqual([TEXT, ['tributary.yml']]);
  });
});

describe('tributary token list', () => {
  it('shows what each may do and whether it is open', async () => {
    const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const file = fileOf(
      TEXT.replace('scopes: [write]\n\n', `scopes: [write]\n        expires: 2020-01-01\n\n`).replace(
        '2030-01-01',
        soon,
      ),
    );
    const { out } = await run('token', 'list', '-c', file);
    expect(out.split('\n').slice(0, 4)).toEqual([
      'TENANT  TOKEN    SCOPES  SOURCES  EXPIRES     STATE    LAST USED',
      'shop    prom     write   main     2020-01-01  expired  -',
      'shop    prom2    write   edge     never       open     -',
      `shop    grafana  read    all      ${soon}  closed   -`,
    ]);
  });

  it('asks a deployment when they were last used', async () => {
    const file = fileOf(
      TEXT.replaceAll('shop', 'acme')
        .replace('name: grafana', 'name: read')
        .replace('name: prom\n', 'name: write\n')
        .replace('[prom]', '[write]'),
    );
    const registers = new MemoryRegisters();
    const tokenUses = new TokenUses({ registers, log: { warn: () => {} } });
    const tenants = [tenantWithTokens('acme')];
    const server = await serveApi(apiOf({ registers, tokenUses, tenants, anonymousTenant: 'acme' }));
    const read = tenants[0]?.tokens[0];
    if (tenants[0] !== undefined && read !== undefined) tokenUses.note(tenants[0], read, NOW);
    await tokenUses.settled();
    const list = (token: string) => run('token', 'list', '-c', file, '--url', server.url, '--token', token);
    const [{ out, err }, refused] = [await list('acme-admin'), await list('acme-read')];
    server.close();
    expect(err).toBe('');
    expect(out).toMatch(/acme +read .* 2026-11-22 \d\dh\n/);
    expect(out).toMatch(/acme +write .* never\n/);
    expect(refused.err).toMatch(/403 token read of tenant acme has no scope "admin"/);
  });
});

describe('tributary token revoke', () => {
  it('closes a token, says when, and keeps every comment', async () => {
    const file = fileOf(TEXT);
    expect((await run('token', 'revoke', 'prom', '-c', file)).out).toContain('Closed token prom of tenant shop');
    const today = new Date().toISOString().slice(0, 10);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(`      - name: prom\n        sha256: closed # revoked ${today}\n`);
    for (const comment of TEXT.match(/#.*$/gm) ?? []) expect(text).toContain(comment);
    expect(loadConfig(file, { environment: {} }).tenants[0]?.tokens.map(({ name }) => name)).toEqual(['prom2']);
  });

  it('removes a token and its name from sources', async () => {
    const file = fileOf(
      TEXT.replace('[prom] #', '[prom, prom3] #').replace(
        '      # Reads.',
        `      - name: prom3\n        sha256: ${'c'.repeat(64)}\n        scopes: [write]\n\n      # Reads.`,
      ),
    );
    expect((await run('token', 'revoke', 'prom', '--remove', '-c', file)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/prom\b(?!etheus)/);
    expect(text).toContain('# Writes.');
    expect(text).toContain('tokens: [prom3] # the writer');
  });

  it('refuses to leave a source without a token', async () => {
    const file = fileOf(TEXT);
    const { code, err } = await run('token', 'revoke', 'prom', '--remove', '-c', file);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/stays as it is.*\n.*sources\[0\]\.tokens: is empty; name the token/),
    ]);
    expect(readFileSync(file, 'utf8')).toBe(TEXT);
  });

  it('refuses what it does not know', async () => {
    expect((await run('token', 'revoke', 'none', '-c', fileOf(TEXT))).err).toMatch(
      /there is no token "none"; there are prom, prom2, grafana/,
    );
    expect((await run('token', 'revoke', 'none', '-c', '/nowhere.yml')).err).toMatch(
      /cannot read \/nowhere\.yml: ENOENT/,
    );
  });
});

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tributary-token-')), 'tributary.yml');
  writeFileSync(file, text);
  return file;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(args), out, err };
}
