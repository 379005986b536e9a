import { Command, CommanderError } from 'commander';
import { compileRuntime } from '../config/compile-runtime.ts';
import type { Plan } from '../plan/plan.ts';
import { formatMistake, MistakesError } from '../rules/mistake.ts';
import { CommandError } from './command-error.ts';
import { addCost } from './cost.ts';
import { addDlq } from './dlq.ts';
import { addDoctor } from './doctor.ts';
import { addExplain } from './explain.ts';
import { addExport } from './export.ts';
import { addPlan } from './plan.ts';
import { addQuery } from './query.ts';
import { addRules } from './rules.ts';
import { addSchema } from './schema.ts';
import { addSetup } from './setup.ts';
import { addStatus } from './status.ts';
import type { Terminal } from './terminal.ts';
import { addToken } from './token.ts';
import { addUnmapped } from './unmapped.ts';

/** The `tributary` command: takes its arguments (without node and script) and resolves to the exit code. */
export function createProgram(terminal: Terminal): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    const program = new Command('tributary')
      .description('Contextualized metrics for Prometheus: rules, sources and tokens.')
      .exitOverride()
      .configureOutput({ writeOut: terminal.write, writeErr: terminal.complain });
    addPlan(program, terminal);
    addCheck(program, terminal);
    addToken(program, terminal);
    addSchema(program, terminal);
    addCost(program, terminal);
    addExplain(program, terminal);
    addRules(program, terminal);
    addExport(program, terminal);
    addUnmapped(program, terminal);
    addSetup(program, terminal);
    addDoctor(program, terminal);
    addQuery(program, terminal);
    addDlq(program, terminal);
    addStatus(program, terminal);
    try {
      await program.parseAsync([...args], { from: 'user' });
      return 0;
    } catch (error) {
      return exitCode(error, terminal);
    }
  };
}

function addCheck(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description('check the configuration and all rules; every mistake is told with its file and line')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .action(({ config }: { config: string }) => {
      const { plan, tenants } = compileRuntime(config, {
        environment: terminal.environment,
        warn: (warning) => terminal.complain(`warning: ${formatMistake(warning)}\n`),
      });
      terminal.write(
        `${config} is right: plan ${plan.version}, ${plan.mappings.length} mapping and ${countDerived(plan)} derived rules from ${plan.packs.join(', ')}, ` +
          `tenants ${tenants.map(({ name }) => name).join(', ')}\n`,
      );
    });
}

function countDerived({ derived }: Plan): number {
  return derived.reduce((sum, { rules }) => sum + rules.length, 0);
}

function exitCode(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof CommandError) terminal.complain(`error: ${error.message}\n`);
  else if (error instanceof MistakesError) terminal.complain(`${error.message}\n`);
  else throw error;
  return 1;
}
