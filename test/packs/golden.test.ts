import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan } from './contextualize.ts';
import { runGolden } from './run-golden.ts';

const folder = new URL('./golden', import.meta.url).pathname;

describe('the golden script of pack', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test'));

  it.each(files)('%s', async (file) => {
    const outcomes = await runGolden(join(folder, file), `test/packs/golden/${file}`, plan);
    const failures = outcomes.filter(({ status }) => status !== 'passed');
    expect(failures.map(describeFailure).join('\n')).toBe('');
  });

  it('exists for every pack', () => {
    expect(plan.packs.filter((pack) => !files.includes(`${pack}.test`))).toEqual([]);
  });
});

function describeFailure({ file, line, expression, reason, got }: Awaited<ReturnType<typeof runGolden>>[number]) {
  return `${file}:${line}: ${expression}\n  ${reason}\n  got: ${got}`;
}
