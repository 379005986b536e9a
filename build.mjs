/**
 * Bundles every Lambda of functions/ into dist/ and compiles rules and configuration into dist/runtime.json, so that no
 * YAML is parsed in a cold start. Called by `npm run build`; serverless.yml packages what it leaves. Another folder than
 * dist/ may be given: `node build.mjs FOLDER`.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { BUNDLE, FUNCTION_BUNDLE, REQUIRE_SHIM } from './function-bundle.mjs';

const dist = resolve(process.argv[2] ?? 'dist');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  ...FUNCTION_BUNDLE,
  entryPoints: readdirSync('functions').map((file) => `functions/${file}`),
  outdir: dist,
});
await build({
  ...BUNDLE,
  entryPoints: { cli: 'lib/cli/main.ts' },
  outdir: dist,
  banner: { js: `#!/usr/bin/env node\n${REQUIRE_SHIM}` },
});
chmodSync(join(dist, 'cli.mjs'), 0o755);
await build({ ...BUNDLE, entryPoints: { compile: 'lib/config/compile-runtime.ts' }, outdir: join(dist, 'build') });

const { compileRuntime } = await import(pathToFileURL(join(dist, 'build/compile.mjs')).href);
writeFileSync(
  join(dist, 'runtime.json'),
  `${JSON.stringify(compileRuntime(process.env.TRIBUTARY_CONFIG ?? 'tributary.yml'))}\n`,
);
