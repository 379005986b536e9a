import { createHash, randomBytes } from 'node:crypto';

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

export function describeToken(name: string, scopes: readonly string[], { token, sha256 }: NewToken): string {
  return `The token, shown this once; give it to the sender as a bearer token or password:

  ${token}

In tributary.yml, under tokens of the tenant (or the hash alone in the environment variable that stands there):

      - name: ${name}
        sha256: ${sha256}
        scopes: [${scopes.join(', ')}]
`;
}
