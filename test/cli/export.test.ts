import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../lib/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(args), out, err };
}

/** A configuration whose two sources have the environments given. */
function config(...envs: string[]): string {
  const file = join(folder, `${envs.join('-')}.yml`);
  const source = (env: string, i: number) =>
    `      - {name: s${i}, type: federation, servers: ['http://prometheus.example:9090'], scope: {env: {default: ${env}}}}\n`;
  writeFileSync(
    file,
    `packs: [red]\ntenants:\n  - name: t\n    tokens: []\n    sources:\n${envs.map(source).join('')}`,
  );
  return file;
}

describe('tributary export', () => {
  it('writes its files and says where', async () => {
    const out = join(folder, 'a', 'b');
    const done = await run('export', '--config', config('prod', 'prod'), '--out', out);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out.trim().split('\n').sort()).toEqual(readdirSync(out).map((name) => join(out, name)));
    expect(readdirSync(out)).toEqual([
      'README.md',
      'derived.rules.yml',
      'mapping.rules.yml',
      'metric_relabel_configs.yml',
    ]);
    const { metric_relabel_configs } = parse(readFileSync(join(out, 'metric_relabel_configs.yml'), 'utf8'));
    const prod = { source_labels: ['asserts_env'], regex: '', target_label: 'asserts_env', replacement: 'prod' };
    expect(metric_relabel_configs).toContainEqual(prod);
  });

  it('asks whose scope is meant', async () => {
    const file = config('prod', 'test');
    const out = join(folder, 'c');
    expect(await run('export', '--config', file, '--out', out)).toMatchObject({
      code: 1,
      err: 'error: sources have scopes of their own; say whose is meant: --source with one of s0, s1\n',
    });
    expect((await run('export', '--config', file, '--out', out, '--source', 's1')).code).toBe(0);
    expect(readFileSync(join(out, 'metric_relabel_configs.yml'), 'utf8')).toContain('replacement: "test"');
  });

  it('tells when it cannot write', async () => {
    const { code, err } = await run('export', '--config', config('prod'), '--out', join(config('prod'), 'x'));
    expect(code).toBe(1);
    expect(err).toMatch(/^error: cannot write to .*: ENOTDIR.*; name another folder with --out\n$/);
  });

  it('evaluates mapping rules as often as the scrapes come', async () => {
    const out = join(folder, 'often');
    const file = config('often');
    writeFileSync(file, readFileSync(file, 'utf8').replace('packs: [red]', 'packs: [red, http]'));
    await run('export', '--config', file, '--out', out, '--scrape-interval', '15s');
    const intervals = (file: string) =>
      parse(readFileSync(join(out, file), 'utf8')).groups.map(({ interval }: { interval?: string }) => interval);
    expect(new Set(intervals('mapping.rules.yml'))).toEqual(new Set(['15s']));
    expect(new Set(intervals('derived.rules.yml'))).toEqual(new Set([undefined]));
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('every 15s');
    for (const wrong of ['often', '0s']) {
      const { code, err } = await run('export', '--config', config('often'), '--out', out, '--scrape-interval', wrong);
      expect([code, err]).toEqual([1, expect.stringContaining(`cannot read --scrape-interval ${wrong}`)]);
    }
  });
});
