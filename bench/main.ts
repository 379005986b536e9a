import { readdirSync } from 'node:fs';

/** What a bench exports: it does its measuring and returns its figures; `table` inside them is printed as a table. */
export interface Bench {
  readonly run: (args: readonly string[]) => Promise<Record<string, unknown>>;
}

const MAIN = 'main.ts';

await main(process.argv.slice(2));

/** `npm run bench -- NAME [ARGS]`: runs bench/NAME.ts, prints its table, and its figures as one last line of JSON. */
async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const names = benchNames();
  if (!names.includes(name)) {
    console.error(`cannot run bench ${JSON.stringify(name)}: there are ${names.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const { run } = (await import(`./${name}.ts`)) as Bench;
  const { table, ...figures } = await run(args);
  if (table !== undefined) console.table(table);
  console.log(JSON.stringify({ bench: name, ...figures }));
}

/** A bench is a file whose name is one word; files with a dash in their names are parts of benches. */
function benchNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => /^[a-z0-9]+\.ts$/.test(file) && file !== MAIN)
    .map((file) => file.slice(0, -'.ts'.length));
}
