/**
 * Bundles every Lambda of functions/ into dist/ and compiles rules and configuration into dist/runtime.json, so that no
 * YAML is parsed in a cold start. Called by `npm run build`; serverless.yml packages what it leaves.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

/** Some CommonJS packages inside an ESM bundle still call `require`. */
const REQUIRE_SHIM = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE_SHIM },
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
await build({
  ...shared,
  entryPoints: readdirSync('functions').map((file) => `functions/${file}`),
  outdir: 'dist',
  minify: true,
  legalComments: 'none',
});
await build({
  ...shared,
  entryPoints: { cli: 'lib/cli/main.ts' },
  outdir: 'dist',
  banner: { js: `#!/usr/bin/env node\n${REQUIRE_SHIM}` },
});
chmodSync('dist/cli.mjs', 0o755);
await build({ ...shared, entryPoints: { compile: 'lib/config/compile-runtime.ts' }, outdir: 'dist/build' });

const { compileRuntime } = await import('./dist/build/compile.mjs');
writeFileSync(
  'dist/runtime.json',
  `${JSON.stringify(compileRuntime(process.env.TRIBUTARY_CONFIG ?? 'tributary.yml'))}\n`,
);
