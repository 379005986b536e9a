import { fileURLToPath } from 'node:url';

/** Some CommonJS packages inside an ESM bundle still call `require`. */
export const REQUIRE_SHIM =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * How esbuild makes any bundle of the project.
 *
 * @type {import('esbuild').BuildOptions}
 */
export const BUNDLE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE_SHIM },
  logLevel: 'warning',
};

/**
 * How it makes that of a Lambda: small, and with the one kind of credentials that a Lambda has.
 *
 * @type {import('esbuild').BuildOptions}
 */
export const FUNCTION_BUNDLE = {
  ...BUNDLE,
  minify: true,
  legalComments: 'none',
  alias: {
    '@aws-sdk/credential-provider-node': fileURLToPath(new URL('lib/lambda/role-credentials.ts', import.meta.url)),
  },
};
