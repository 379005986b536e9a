import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseScript } from './script/parse-script.ts';
import { runScript } from './script/run-script.ts';
import { engineFor } from './script/script-engine.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

describe('our own scripts', () => runAll(join(here, 'testdata')));

describe("Prometheus's scripts", () => {
  const folder = resolve(root, '../shared/conformance/promqltest');
  if (existsSync(folder)) return runAll(folder);
  console.warn(`skipped: Prometheus's PromQL scripts are not at ${folder}`);
  it.skip(`needs the scripts in ${folder}`, () => {});
});

function runAll(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test'));
  it('are there', () => expect(files).not.toEqual([]));
  for (const name of files.sort()) {
    it(basename(name, '.test'), async () => {
      const path = join(folder, name);
      const script = parseScript(relative(root, path), readFileSync(path, 'utf8'));
      const failures: string[] = [];
      let evaluated = 0;
      for await (const outcome of runScript(script, engineFor(script))) {
        evaluated++;
        if (outcome.status !== 'passed') {
          failures.push(`${outcome.file}:${outcome.line}: ${outcome.expression}\n  ${outcome.reason}`);
        }
      }
      expect(failures.join('\n')).toBe('');
      expect(evaluated).toBe(script.commands.filter((command) => command.kind === 'eval').length);
    });
  }
}
