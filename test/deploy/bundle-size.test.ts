import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/**
 * Thousands of bytes that a function's bundle may have: a cold start reads and compiles all of them. Who needs more
 * changes the number here, and says why. `npm run bench -- coldstart` tells what it costs.
 */
const BUDGET: Readonly<Record<string, number>> = {
  api: 1050,
  compact: 650,
  contextualize: 900,
  evaluate: 1050,
  federation: 550,
  query: 1100,
  'remote-write': 330,
};

it.each(readdirSync(`${root}/functions`))('functions/%s keeps to its budget', async (file) => {
  const { outputFiles } = await build({
    entryPoints: [`${root}/functions/${file}`],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  });
  const bytes = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
  const budget = BUDGET[basename(file, '.ts')] ?? 0;
  expect(Math.ceil(bytes / 1000), 'kB').toBeLessThanOrEqual(budget);
  expect(Math.ceil(bytes / 1000), 'the budget is too generous by half').toBeGreaterThan(budget / 1.5);
});
