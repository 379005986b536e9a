import { readFileSync } from 'node:fs';
import { compilePlan } from '../../plan/compile-plan.ts';
import { MistakesError } from '../../rules/mistake.ts';
import { parseTestFile } from './parse-test-file.ts';
import { loadRulesUnderTest, prometheusGroups } from './rules-under-test.ts';
import { runContextualize } from './run-contextualize.ts';
import { runTestGroup } from './run-test-group.ts';

/** What came of a file of unit tests. */
export interface FileResult {
  /** Tests that do not pass, as promtool prints them; or why the file could not be run. */
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
}

/** Runs every test of a file in promtool's format. Whatever is wrong with the files is a failure, not an exception. */
export async function runTestFile(file: string): Promise<FileResult> {
  try {
    const parsed = parseTestFile(file, readFileSync(file, 'utf8'));
    const { pack, unmatched } = loadRulesUnderTest(parsed);
    const warnings = unmatched.map((pattern) => `no file match pattern ${pattern}`);
    const groups = prometheusGroups(pack.ruleFiles, parsed);
    const failures: string[] = [];
    for (const test of parsed.tests) {
      failures.push(...(await runTestGroup(test, groups, parsed)));
      if (test.contextualize.length === 0) continue;
      failures.push(...runContextualize(test, compilePlan({ packs: [pack] }), parsed.fuzzyCompare));
    }
    return { failures, warnings };
  } catch (error) {
    return { failures: [failureText(error, file)], warnings: [] };
  }
}

function failureText(error: unknown, file: string): string {
  if (error instanceof MistakesError) return error.message.replaceAll(/^/gm, '    ');
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return `    cannot read ${file}: ${code === 'ENOENT' ? 'there is no such file' : message}`;
}
