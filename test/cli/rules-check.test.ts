import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';

async function check(...args: string[]) {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(['rules', 'check', ...args]), out, err };
}

const folder = mkdtempSync(join(tmpdir(), 'tributary-check-'));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

it('has nothing to say of our own packs', async () => {
  expect(await check()).toMatchObject({ code: 0, out: expect.stringMatching(/; 0 warnings\n$/), err: '' });
});

it('warns of a file that is not in use yet, beside the rules that are', async () => {
  const file = write(
    'own.yml',
    'groups:\n  - name: g\n    rules:\n      - {record: own:rate, expr: sum by (job) (asserts:request:rate5m)}\n',
  );
  const warned = await check(file);
  expect(warned.code).toBe(0);
  expect(warned.err).toBe(
    `warning: ${file}:4: expr: aggregates without asserts_env; environments are added up; add it to by (…)\n`,
  );
  expect((await check('--strict', file)).code).toBe(1);
});

it('fails over mistakes, with their places', async () => {
  const text =
    'groups:\n  - name: g\n    rules:\n      - {record: asserts:nothing, expr: up * on (}\n      - {alert: A}\n';
  const file = write('wrong.yml', text);
  const { code, err } = await check(file);
  expect(code).toBe(1);
  expect(err).toContain(`${file}:4: groups[0].rules[0].expr: `);
  expect(err).toContain(`${file}:5: groups[0].rules[1].expr: `);
  const record = write(
    'record.yml',
    'groups:\n  - name: g\n    rules:\n      - {record: asserts:requst:total, expr: up}\n',
  );
  expect((await check(record)).err).toContain(
    'record: asserts:requst:total is not a contextualized metric (did you mean',
  );
  expect((await check(join(folder, 'absent.yml'))).err).toContain('there is no such file');
});

it('takes folders', async () => {
  mkdirSync(join(folder, 'pack'));
  write('pack/relabel.yml', 'relabel_configs:\n  - {source_labels: [a], target_label: b}\n');
  write('pack/rules.yml', 'groups:\n  - name: g\n    rules:\n      - {record: x:y, expr: \'up{a="1",a="2"}\'}\n');
  expect((await check(join(folder, 'pack'))).err).toMatch(/pack\/rules\.yml:4: expr: can never match/);
  expect((await check('rules/packs/red')).err).toBe('');
});
