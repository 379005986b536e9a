import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findSecrets } from './find-secrets.ts';
import { BUNDLED_TOOLS, licencesPage, SHIPPED_LICENCES, TOOL_LICENCES } from './licences.ts';
import { readLockFile } from './lock-file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOCKED = readLockFile();

/** Files under version control; beside a checkout (an unpacked archive) there are none. */
function trackedFiles(): readonly string[] {
  try {
    return execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26, stdio: 'pipe' })
      .split('\0')
      .filter((file) => file !== '');
  } catch {
    return [];
  }
}

describe('packages', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as Record<
    string,
    Record<string, string>
  >;

  it('are pinned to one version', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(npm:[a-z0-9@/-]+@)?\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('come from a registry, and nothing but the very archives that were tried', () => {
    const odd = LOCKED.filter(
      ({ resolved, integrity }) =>
        (resolved !== '' && !resolved.startsWith('https://registry.npmjs.org/')) || !integrity.startsWith('sha512-'),
    );
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('are few where they are delivered', () => {
    expect(LOCKED.filter(({ dev }) => !dev).length).toBeLessThanOrEqual(50);
  });

  it('have licences that are allowed, and docs/licences.md lists those that are delivered', () => {
    const forbidden = LOCKED.filter(({ name, license, dev }) =>
      dev && !BUNDLED_TOOLS.includes(name) ? !TOOL_LICENCES.has(license) : !SHIPPED_LICENCES.has(license),
    );
    expect(forbidden.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
    expect(readFileSync(`${ROOT}/docs/licences.md`, 'utf8')).toBe(licencesPage(LOCKED));
  });

  it('are all in the bill of materials', () => {
    const { sbom = '' } = (JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: { sbom?: string } })
      .scripts;
    const [command = '', ...parts] = sbom
      .replace(/ > .*$/, '')
      .replace(/^mkdir -p dist && /, '')
      .split(' ');
    const text = execFileSync(command, parts, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26, stdio: 'pipe' });
    const bill = JSON.parse(text) as {
      bomFormat: string;
      components: readonly { name: string; version: string; purl: string; licenses?: unknown }[];
    };
    expect(bill.bomFormat).toBe('CycloneDX');
    const listed = new Set(bill.components.map(({ purl }) => decodeURIComponent(purl)));
    const missing = LOCKED.filter(({ name, version }) => !listed.has(`pkg:npm/${name}@${version}`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  }, 60_000);
});

describe('secrets', () => {
  const files = trackedFiles();
  if (files.length === 0) console.warn('the secrets scan skips: this is no checkout of a repository');

  it.skipIf(files.length === 0)('are in no file under version control', () => {
    const found = files
      .filter((file) => statSync(`${ROOT}/${file}`, { throwIfNoEntry: false })?.isFile())
      .flatMap((file) => {
        const secrets = findSecrets(readFileSync(`${ROOT}/${file}`, 'utf8'));
        return secrets.map(({ kind, line }) => `${file}:${line}: ${kind}`);
      });
    expect(found).toEqual([]);
  });

  it.each([
    ['a private key', `-----BEGIN ${'RSA '}PRIVATE KEY-----\n${'MIIE'.repeat(20)}`],
    ['an AWS access key', `key: AKIA${'Q3'.repeat(8)}`],
    ['an AWS secret key', `aws_secret_access_key = ${'aB3/'.repeat(10)}`],
    ['a GitHub token', `ghp_${'a1B2'.repeat(9)}`],
    ['an npm token', `npm_${'a1B2'.repeat(9)}`],
    ['a Slack token', `xoxb-${'123456-'.repeat(4)}`],
    ['a JSON web token', `eyJ${'hbGciOi'.repeat(3)}.eyJ${'zdWIiOi'.repeat(3)}.${'abc_-'.repeat(8)}`],
    ['a password in a URL', `https://admin:${'S3cr3t'.repeat(3)}@db.example.com/`],
  ])('are found where there are some: %s', (kind, text) => {
    expect(findSecrets(`first\n${text}\n`)).toEqual([{ kind, line: 2 }]);
  });

  it('are not seen in placeholders', () => {
    expect(findSecrets('https://user:password@example.com ${env:TOKEN} AKIAIOSFODNN sha256: 0000')).toEqual([]);
  });
});
