import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../../lib/cli/program.ts';
import { ruleCase } from '../../pipeline/evaluate/promtool-cases.ts';
import { writeRuleCase } from '../../pipeline/evaluate/write-rule-case.ts';

/** The unit tester of Prometheus 2.42 or later (`keep_firing_for`). */
const promtool = findPromtool();
if (promtool === undefined) console.warn('promtool is not installed: tests of rules are not compared with it');

const CASES = 60;
const folder = mkdtempSync(join(tmpdir(), 'tributary-rule-tests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = new URL('./cases', import.meta.url).pathname;
const handWritten = readdirSync(written)
  .filter((name) => name.endsWith('.test.yml'))
  .map((name) => join(written, name));

describe('tributary rules test beside promtool test rules', () => {
  const named = (title: string) => (promtool === undefined ? `${title} (skipped: no promtool)` : title);

  it.skipIf(promtool === undefined)(named('prints the same of files written by hand'), async () => {
    const { ours, theirs } = await both(handWritten);
    expect(ours).toEqual(theirs);
    const verdicts = handWritten.map((file) => [file.split('/').at(-1), ours.get(file)?.includes('SUCCESS')]);
    expect(Object.fromEntries(verdicts)).toEqual({
      'broken.test.yml': false,
      'failing.test.yml': false,
      'order.test.yml': true,
      'passing.test.yml': true,
    });
  });

  it.skipIf(promtool === undefined)(
    named(`prints the same of ${CASES} generated files, once as they pass and once as they fail`),
    async () => {
      const files: string[] = [];
      for (let seed = 2000; files.length < 2 * CASES; seed++) {
        const passing = await writeRuleCase(folder, seed, ruleCase(seed));
        // YAML's spelling of NaN is not Prometheus's, and promtool takes no NaN for equal to another.
        if (readFileSync(passing, 'utf8').includes('value: NaN')) continue;
        files.push(passing, await writeRuleCase(folder, seed + 2000, ruleCase(seed), wrongExpectations));
      }
      const { ours, theirs } = await both(files);
      const apart = [...ours].filter(([file, text]) => theirs.get(file) !== text);
      expect(apart.map(([file, text]) => [file, text, theirs.get(file)])).toEqual([]);
      const failed = [...theirs.values()].filter((text) => text.includes('FAILED'));
      expect(failed.length).toBeGreaterThan(CASES * 0.9);
      expect(theirs.size - failed.length).toBeGreaterThan(CASES * 0.9);
      // Every single expectation that is wrong is shown by both, with what was there instead.
      expect(failed.join('\n').match(/ {8}got:/g)?.length).toBeGreaterThan(60);
    },
    120_000,
  );

  it.skipIf(promtool === undefined)(named('refuses what promtool refuses'), async () => {
    const broken = {
      'unknown key': 'rule_files: []\nfuzzy: 1\ntests: []\n',
      'no rule file':
        'rule_files: [nowhere.yml]\ntests: [{interval: 1m, promql_expr_test: [{expr: "1", exp_samples: [{value: 1}]}]}]\n',
      'wrong series': 'tests: [{interval: 1m, input_series: [{series: "a{", values: "1"}]}]\n',
      'wrong labels':
        'tests: [{interval: 1m, promql_expr_test: [{expr: "1", exp_samples: [{labels: "a{", value: 1}]}]}]\n',
      'order twice': 'group_eval_order: [a, a]\ntests: []\n',
      'no YAML': 'tests: [\n',
    };
    for (const [name, text] of Object.entries(broken)) {
      const file = join(folder, `${name.replace(' ', '-')}.yml`);
      writeFileSync(file, text);
      const { status } = spawnSync(promtool ?? '', ['test', 'rules', file]);
      expect([name, (await run(file)).code], name).toEqual([name, status]);
    }
  });
});

/** What both print, by file. */
async function both(files: readonly string[]) {
  const { stdout, stderr } = spawnSync('sh', ['-c', `${promtool} test rules "$@" 2>&1`, 'sh', ...files], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe('');
  return { theirs: byFile(stdout), ours: byFile((await run(...files)).out) };
}

async function run(...files: string[]) {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(['rules', 'test', ...files]), out, err };
}

/** Without empty lines, and without the name of a test, which promtool 2.42 prints beside alerts only. */
function byFile(output: string): Map<string, string> {
  const sections = output.split(/^Unit Testing: +/m).slice(1);
  return new Map(
    sections.map((section) => {
      const [file = '', ...lines] = section.split('\n');
      return [file, lines.filter((line) => line.trim() !== '' && !line.startsWith('    name: ')).join('\n')];
    }),
  );
}

/** Nothing is as expected: numbers are others, alerts are missing or too many. */
function wrongExpectations(text: string): string {
  return text.replace(/value: [^}]+}/g, 'value: -77.5}').replace(/exp_alerts: \[[^\n]*\]}$/gm, 'exp_alerts: [{}]}');
}

function findPromtool(): string | undefined {
  try {
    execFileSync('promtool', ['--version']);
    return 'promtool';
  } catch {
    return undefined;
  }
}

it('every hand-written file names its rules', () => {
  for (const file of handWritten) expect(readFileSync(file, 'utf8')).toContain('rule_files:');
});
