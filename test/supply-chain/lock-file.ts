import { readFileSync } from 'node:fs';

/** One package that `npm ci` installs. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Where it comes from, and the hash that it must have. */
  readonly resolved: string;
  readonly integrity: string;
  /** Only for building and testing. */
  readonly dev: boolean;
}

interface LockEntry extends Partial<Omit<LockedPackage, 'name'>> {
  readonly name?: string;
}

/** Every package of package-lock.json, in its order. */
export function readLockFile(): readonly LockedPackage[] {
  const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, LockEntry>> };
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { name, version = '', license = '', resolved = '', integrity = '', dev = false }]) => ({
      name: name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license,
      resolved,
      integrity,
      dev,
    }));
}
