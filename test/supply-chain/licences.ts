import { pathToFileURL } from 'node:url';
import { type LockedPackage, readLockFile } from './lock-file.ts';

/** What may be in a bundle: licences that ask for no more than to be named. */
export const SHIPPED_LICENCES: ReadonlySet<string> = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'],
]);

/** What may also be used to build and test, and goes nowhere: weak copyleft, and tables under Python's licence. */
export const TOOL_LICENCES: ReadonlySet<string> = new Set([
  ...SHIPPED_LICENCES,
  ...['MIT OR Apache-2.0', 'MPL-2.0', 'PSF-2.0', 'Python-2.0', 'BlueOak-1.0.0', 'CC0-1.0', '(MIT OR CC0-1.0)'],
]);

/** Bundled into the command-line tool (dist/cli.mjs), which is built and not installed. */
export const BUNDLED_TOOLS: readonly string[] = ['commander', 'yaml', 'zod'];

/** docs/licences.md: what is delivered, and under which licence. */
export function licencesPage(packages: readonly LockedPackage[]): string {
  const shipped = packages.filter(({ name, dev }) => !dev || BUNDLED_TOOLS.includes(name));
  const rows = shipped
    .map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`)
    .sort()
    .filter((row, i, all) => row !== all[i - 1]);
  const tools = packages.filter(({ name, dev }) => dev && !BUNDLED_TOOLS.includes(name));
  const lines = [...new Set(tools.map(({ license }) => license))]
    .sort()
    .map((licence) => `| ${licence} | ${tools.filter(({ license }) => license === licence).length} |`);
  return [
    '# Licences',
    '',
    'Tributary itself is under Apache-2.0 ([LICENSE](../LICENSE)). Its bundles hold these packages; a test keeps the list',
    'current (`npx tsx test/supply-chain/licences.ts > docs/licences.md`) and refuses every other licence.',
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...rows,
    '',
    'To build and to test, and in no bundle:',
    '',
    '| licence | packages |',
    '|---|---|',
    ...lines,
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(licencesPage(readLockFile()));
}
