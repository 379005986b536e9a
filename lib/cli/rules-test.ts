import type { Command } from 'commander';
import { runTestFile } from './rule-tests/run-test-file.ts';
import type { Terminal } from './terminal.ts';

/** Adds `tributary rules test`: promtool's unit tests of rules, by our evaluator, and cases of raw series beside them. */
export function addRulesTest(rules: Command, { write }: Terminal): void {
  rules
    .command('test <files...>')
    .description("run unit tests in promtool's format, with cases of what becomes of raw series beside them")
    .action(async (files: readonly string[], _: unknown, command: Command) => {
      let failed = 0;
      for (const file of files) {
        write(`Unit Testing:  ${file}\n`);
        const { failures, warnings } = await runTestFile(file);
        for (const warning of warnings) write(`  WARNING: ${warning}\n`);
        write(failures.length === 0 ? '  SUCCESS\n\n' : `  FAILED:\n${failures.join('\n\n')}\n\n`);
        if (failures.length > 0) failed++;
      }
      if (failed > 0) command.error(`${failed} of ${files.length} files failed`, { exitCode: 1 });
    });
}
