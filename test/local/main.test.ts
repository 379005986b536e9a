import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Child } from '../e2e/child.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const folder = mkdtempSync(join(tmpdir(), 'tributary-main-'));
const children: Child[] = [];

afterAll(async () => {
  await Promise.all(children.map((child) => child.end('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

describe('npm start', () => {
  it('says what a person needs, and ends in good order on a signal that comes twice', async () => {
    const child = run('--port', '0', '--data', join(folder, 'data'));
    await vi.waitFor(() => expect(child.output).toContain('Stop with Ctrl-C'), 30_000);
    const url = /ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(child.output)?.[1];
    expect(url).toBeDefined();
    await vi.waitFor(async () => {
      const response = await fetch(`${url}/api/v1/series?match[]=asserts:request:total`);
      expect(((await response.json()) as { data: unknown[] }).data.length).toBeGreaterThan(10);
    }, 30_000);
    const ended = child.end('SIGTERM');
    child.signal('SIGINT');
    expect(await ended).toBe(0);
    expect(child.output).toContain('Everything is stored.');
  }, 60_000);

  it.each([
    [['--port', 'high'], /option '--port <number>' argument 'high' is invalid. must be a number from 0 to 65535/],
    [['--host', '0.0.0.0'], /cannot listen on 0\.0\.0\.0: it is not the loopback interface; add --allow-remote/],
    [['--config', 'none.yml'], /none\.yml: cannot be read: .*name the file with --config/],
    [['--colour'], /unknown option '--colour'/],
  ])('ends with an error: %s', async (args, text) => {
    const child = run('--data', join(folder, 'errors'), ...args);
    expect(await child.ended).toBe(1);
    expect(child.output).toMatch(text);
    expect(child.output).not.toMatch(/^\s+at /m);
  });
});

function run(...args: readonly string[]): Child {
  const child = new Child(process.execPath, ['--import', 'tsx', 'local/main.ts', ...args], { cwd: root });
  children.push(child);
  return child;
}
