import { createProgram } from './program.ts';

const program = createProgram({
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  environment: process.env,
});
process.exitCode = await program(process.argv.slice(2));
