import { createHash, randomBytes } from 'node:crypto';
import type { TokenEntry } from './token/edit-config.ts';

export interface NewToken {
  readonly token: string;
  /** Lower-case hex of SHA-256 over the token: the only thing that is ever stored. */
  readonly sha256: string;
}

/** A token of 256 random bits; the prefix lets secret scanners recognise it. */
export function createToken(): NewToken {
  const token = `tributary_${randomBytes(32).toString('base64url')}`;
  return { token, sha256: createHash('sha256').update(token).digest('hex') };
}

/** The token, and the lines that admit it. */
export function describeToken(token: string, entry: TokenEntry): string {
  return `${showToken(token)}
In tributary.yml, under tokens of the tenant (or the hash alone in the environment variable that stands there):

${entryLines(entry)}`;
}

export function showToken(token: string): string {
  return `The token, shown this once; give it to the sender as a bearer token or password:

  ${token}
`;
}

function entryLines({ name, sha256, scopes, sources, expires }: TokenEntry): string {
  const lines = [`- name: ${name}`, `  sha256: ${sha256}`, `  scopes: [${scopes.join(', ')}]`];
  if (sources !== undefined) lines.push(`  sources: [${sources.join(', ')}]`);
  if (expires !== undefined) lines.push(`  expires: ${expires}`);
  return lines.map((line) => `      ${line}\n`).join('');
}
