import type { Command } from 'commander';
import { configJsonSchema } from '../config/config-schema.ts';
import { signalsJsonSchema } from '../rules/signals/signals-json-schema.ts';
import type { Terminal } from './terminal.ts';

/** Adds `tributary schema`: what editors need to help with our files. */
export function addSchema(program: Command, terminal: Terminal): void {
  program
    .command('schema')
    .description('print the JSON Schema of tributary.yml, for editors')
    .option('--signals', 'that of signals files instead')
    .action(({ signals }: { signals?: boolean }) => {
      const schema = signals ? signalsJsonSchema() : configJsonSchema();
      terminal.write(`${JSON.stringify(schema, null, 2)}\n`);
    });
}
