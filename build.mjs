/**
 * Bundles every Lambda of functions/ into dist/ and compiles rules and configuration into dist/runtime.json, so that no
 * YAML is parsed in a cold start. Called by `npm run build`; serverless.yml packages what it leaves. Another folder than
 * dist/ may be given: `node build.mjs FOLDER`.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Some CommonJS packages inside an ESM bundle still call `require`. */
const REQUIRE_SHIM = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const dist = resolve(process.argv[2] ?? 'dist');

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE_SHIM },
  logLevel: 'warning',
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  ...shared,
  entryPoints: readdirSync('functions').map((file) => `functions/${file}`),
  outdir: dist,
  minify: true,
  legalComments: 'none',
});
await build({
  ...shared,
  entryPoints: { cli: 'lib/cli/main.ts' },
  outdir: dist,
  banner: { js: `#!/usr/bin/env node\n${REQUIRE_SHIM}` },
});
chmodSync(join(dist, 'cli.mjs'), 0o755);
await build({ ...shared, entryPoints: { compile: 'lib/config/compile-runtime.ts' }, outdir: join(dist, 'build') });

const { compileRuntime } = await import(pathToFileURL(join(dist, 'build/compile.mjs')).href);
writeFileSync(
  join(dist, 'runtime.json'),
  `${JSON.stringify(compileRuntime(process.env.TRIBUTARY_CONFIG ?? 'tributary.yml'))}\n`,
);
