import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ruleCase } from './promtool-cases.ts';
import { writeRuleCase } from './write-rule-case.ts';

/** The unit tester of Prometheus 2.42 or later (`keep_firing_for`). */
const promtool = findPromtool();
if (promtool === undefined) console.warn('promtool is not installed: rules are not compared with Prometheus');
const CASES = 120;

const folder = mkdtempSync(join(tmpdir(), 'tributary-promtool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('rules as promtool sees them', () => {
  const title = `agrees on ${CASES} generated unit tests`;
  it.skipIf(promtool === undefined)(
    promtool === undefined ? `${title} (skipped: no promtool)` : title,
    async () => {
      const files: string[] = [];
      for (let seed = 0; seed < CASES; seed++) files.push(await writeRuleCase(folder, seed, ruleCase(seed)));
      const { stdout, stderr } = spawnSync(promtool ?? '', ['test', 'rules', ...files], { encoding: 'utf8' });
      expect(stderr.slice(0, 8000)).toBe('');
      expect(stdout.match(/SUCCESS/g)).toHaveLength(CASES);
    },
    120_000,
  );

  it.skipIf(promtool === undefined)('finds what is wrong in a unit test of its own', async () => {
    const wrong = await writeRuleCase(folder, 1000, ruleCase(3), (expected) =>
      expected.replace(/value: .*/g, 'value: -77.5'),
    );
    const { status } = spawnSync(promtool ?? '', ['test', 'rules', wrong], { encoding: 'utf8' });
    expect(status).not.toBe(0);
  });
});

function findPromtool(): string | undefined {
  try {
    execFileSync('promtool', ['--version']);
    return 'promtool';
  } catch {
    return undefined;
  }
}
