import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(args), out, err };
}

describe('tributary', () => {
  it('plans', async () => {
    const { code, out } = await run('plan');
    expect(code).toBe(0);
    expect(out).toMatch(/^plan [0-9a-f]{16}: \d+ mapping rules/);
    expect(out).toMatch(
      /asserts:request:total\n(?: {2}.*\n)* {2}prometheus_http_requests_total +asserts_request_type=inbound/,
    );
  });

  it('prints the plan as JSON', async () => {
    const plan = JSON.parse((await run('plan', '--json')).out);
    expect(plan.packs).toEqual(['prometheus', 'http', 'node', 'red']);
  });

  it('checks, and warns of doors that stay closed', async () => {
    const { code, out, err } = await run('check');
    expect(code).toBe(0);
    expect(out).toMatch(/^tributary\.yml is right: plan /);
    expect(err).toMatch(
      /^warning: tributary\.yml:\d+: tenants\[0\]\.tokens\[0\]\.sha256: token prometheus of tenant demo is closed/,
    );
  });

  it('tells mistakes on stderr and fails', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tributary-')), 'tributary.yml');
    writeFileSync(file, 'packs: [nothing]\ntenants: []\nextra: 1\n');
    const { code, out, err } = await run('check', '--config', file);
    expect([code, out]).toEqual([1, '']);
    expect(err.split('\n').sort().filter(Boolean)).toEqual([
      `${file}:2: tenants: is empty; at least one tenant is needed`,
      `${file}:3: extra: is not a key that is known here; remove it or use one of packs, rules, retention, query, evaluation, tenants`,
    ]);
  });

  it('fails with a remedy where there is no configuration', async () => {
    const { code, err } = await run('plan', '-c', '/nowhere/tributary.yml');
    expect(code).toBe(1);
    expect(err).toMatch(/^\/nowhere\/tributary\.yml: cannot be read: ENOENT.*name the file with --config or create it/);
  });

  it('refuses what it does not know', async () => {
    expect((await run('plan', '--json', '--nothing')).code).toBe(1);
    expect((await run('nonsense')).err).toMatch(/unknown command/);
  });

  it('prints the schema of its configuration', async () => {
    expect(JSON.parse((await run('schema')).out)).toMatchObject({ title: 'tributary.yml', type: 'object' });
  });

  it('creates tokens whose hash is the one it prints', async () => {
    const { out } = await run('token', 'create', 'prometheus', '--scope', 'write', 'read');
    const token = /tributary_[\w-]{43}/.exec(out)?.[0] ?? '';
    expect(out).toContain(`sha256: ${createHash('sha256').update(token).digest('hex')}`);
    expect(out).toContain('scopes: [write, read]');
    expect((await run('token', 'create', 'prometheus')).out).not.toContain(token);
  });
});
