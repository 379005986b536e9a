import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeHandler, type FakeServer, startFakeServer } from '../remote/fake-server.ts';

const root = resolve(import.meta.dirname, '../..');
const AUDIT = join(root, '.ci/audit.mjs');

/** npm itself, against a registry of the test's. */
describe('the audit of CI', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-audit-'));
  const open: FakeServer[] = [];

  beforeAll(() => {
    const dependencies = { left: '1.0.0' };
    const packages = {
      '': { name: 'x', version: '1.0.0', dependencies },
      'node_modules/left': { version: '1.0.0', resolved: 'https://registry.npmjs.org/left/-/left-1.0.0.tgz' },
    };
    const lock = { name: 'x', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies }));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  });
  afterAll(async () => {
    await Promise.all(open.map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the script as CI does; each time npm has forgotten the times before. */
  async function audit(registry: string, cwd = folder): Promise<{ code: number; said: string }> {
    const cache = mkdtempSync(join(folder, 'cache-'));
    const settings = { npm_config_registry: registry, npm_config_cache: cache, npm_config_fetch_retries: '0' };
    const env = { PATH: process.env['PATH'], HOME: folder, ...settings };
    return new Promise((done) => {
      execFile(process.execPath, [AUDIT], { cwd, env }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
      );
    });
  }

  async function registryOf(handler: FakeHandler): Promise<FakeServer> {
    const server = await startFakeServer(handler);
    open.push(server);
    return server;
  }

  /** A registry that knows one hole of `left`. */
  const knowing = (severity: string) =>
    registryOf(({ url }, response) => {
      const advisory = { id: 1, url: 'https://holes/1', title: 'Runs anything', severity, vulnerable_versions: '<2' };
      const isAudit = url.pathname === '/-/npm/v1/security/advisories/bulk';
      response.writeHead(isAudit ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isAudit ? { left: [{ ...advisory, cwe: [], cvss: { score: 0 } }] } : {}));
    });

  it.each(['high', 'critical'])('stops a change where the registry knows a hole of %s severity', async (severity) => {
    const { code, said } = await audit((await knowing(severity)).url);
    expect([code, said]).toEqual([1, expect.stringContaining('left: Runs anything (https://holes/1)')]);
  });

  it.each(['low', 'moderate'])('lets a hole of %s severity pass', async (severity) => {
    const { code, said } = await audit((await knowing(severity)).url);
    expect([code, said]).toEqual([0, expect.stringContaining('0 holes of high severity are known, 1 in all')]);
  });

  const UNABLE: readonly (readonly [string, FakeHandler])[] = [
    ['does not take audits', (_, response) => response.writeHead(405).end()],
    ['is out of order', (_, response) => response.writeHead(503).end()],
    ['is a page of something else', (_, response) => response.end('<html>')],
  ];

  it.each(UNABLE)('only warns where the registry %s', async (_, handler) => {
    const server = await registryOf(handler);
    const { code, said } = await audit(server.url);
    expect([code, said]).toEqual([0, expect.stringContaining('known holes were NOT looked for')]);
    expect(server.seen.length).toBeGreaterThan(0);
  });

  it('only warns where nobody listens', async () => {
    const { code, said } = await audit('http://127.0.0.1:1');
    expect([code, said]).toEqual([0, expect.stringContaining('known holes were NOT looked for')]);
  });

  it('stops where npm cannot tell what to ask for', async () => {
    const bare = mkdtempSync(join(folder, 'bare-'));
    writeFileSync(join(bare, 'package.json'), '{"name":"y","version":"1.0.0","dependencies":{"left":"1.0.0"}}');
    const { code, said } = await audit((await knowing('low')).url, bare);
    expect([code, said]).toEqual([1, expect.stringContaining('ENOLOCK')]);
  });

  it('is part of what a change must pass', () => {
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toMatch(/^set -euo pipefail$[\s\S]*^\.ci\/audit\.mjs$/m);
  });
});
