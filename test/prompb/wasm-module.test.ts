import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('the compiled module', () => {
  it('is what its source compiles to', { timeout: 120_000 }, () => {
    const root = resolve(import.meta.dirname, '../..');
    // Throws with what the script says when it ends with an error.
    expect(execFileSync(process.execPath, ['wasm.mjs', '--check'], { cwd: root, encoding: 'utf8' })).toBe('');
  });
});
