/**
 * Compiles lib/prompb/wasm (AssemblyScript) into lib/prompb/wasm-module.ts, which is committed so that nothing has to be
 * compiled before the program runs: `node wasm.mjs`. With `--check` it compares instead; a test does that.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const TARGET = join(import.meta.dirname, 'lib/prompb/wasm-module.ts');
const OPTIONS = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort='];

const source = `/** Compiled from ./wasm by \`node wasm.mjs\`; not to be edited. */
export const WASM_MODULE =
  '${Buffer.from(await compile()).toString('base64')}';
`;
if (process.argv[2] !== '--check') {
  writeFileSync(TARGET, source);
} else if (readFileSync(TARGET, 'utf8') !== source) {
  throw new Error('lib/prompb/wasm-module.ts is not what lib/prompb/wasm compiles to: run `node wasm.mjs`');
}

async function compile() {
  let binary;
  const { error, stderr } = await asc.main(
    ['lib/prompb/wasm/index.ts', ...OPTIONS, '--baseDir', import.meta.dirname, '--outFile', 'module.wasm'],
    {
      writeFile: (_, contents) => {
        binary = contents;
      },
    },
  );
  if (error || binary === undefined) throw new Error(`cannot compile lib/prompb/wasm: ${stderr.toString()}`);
  return binary;
}
