import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { FUNCTION_BUNDLE } from '../../function-bundle.mjs';

const root = resolve(import.meta.dirname, '../..');

/**
 * Thousands of bytes that a function's bundle may have: a cold start reads and compiles all of them. Who needs more
 * changes the number here, and says why. `npm run bench -- coldstart` tells what it costs.
 */
const BUDGET: Readonly<Record<string, number>> = {
  api: 1060,
  compact: 560,
  contextualize: 800,
  evaluate: 950,
  federation: 550,
  query: 1050,
  'remote-write': 330,
};

it.each(readdirSync(`${root}/functions`))('functions/%s keeps to its budget', async (file) => {
  const { outputFiles = [] } = await build({
    ...FUNCTION_BUNDLE,
    entryPoints: [`${root}/functions/${file}`],
    absWorkingDir: root,
    outdir: 'nowhere',
    write: false,
    logLevel: 'silent',
  });
  const bytes = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
  const budget = BUDGET[basename(file, '.ts')] ?? 0;
  expect(Math.ceil(bytes / 1000), 'kB').toBeLessThanOrEqual(budget);
  expect(Math.ceil(bytes / 1000), 'the budget is too generous by half').toBeGreaterThan(budget / 1.5);
});
