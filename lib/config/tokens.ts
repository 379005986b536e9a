import type { Token } from '../context/tenant.ts';
import type { YamlPath } from '../rules/yaml-file.ts';
import type { WrittenConfig } from './config-schema.ts';
import type { Finding } from './remote-access.ts';
import { CLOSED, parseExpiry, type WrittenToken } from './token-schema.ts';

type WrittenTenant = WrittenConfig['tenants'][number];

/** A token that ends within this time is told of at every build. */
export const EXPIRES_SOON_MS = 14 * 24 * 3600_000;

/** The tokens that somebody can use, or could until they expired. */
export function asTokens(tokens: readonly WrittenToken[]): Token[] {
  return tokens.filter(({ sha256 }) => sha256 !== CLOSED).map(asToken);
}

function asToken({ name, sha256, scopes, sources, expires }: WrittenToken): Token {
  const until = expires === undefined ? undefined : parseExpiry(expires);
  return {
    name,
    sha256: sha256.toLowerCase(),
    scopes,
    ...(sources === undefined ? {} : { sources }),
    ...(until === undefined ? {} : { expires: until }),
  };
}

/** What is wrong with single tokens of a tenant. */
export function tokenProblems({ tokens, sources }: WrittenTenant, path: YamlPath): Finding[] {
  return tokens.flatMap((token, i): Finding[] => {
    const at = [...path, 'tokens', i];
    const bound = (token.sources ?? []).flatMap((name, j): Finding[] => {
      const known = sources.map((source) => source.name);
      const message = `no source of this tenant is called ${name}; it has ${known.join(', ') || 'none'}`;
      return known.includes(name) ? [] : [[[...at, 'sources', j], message]];
    });
    return [...hashProblems(token, at), ...bound, ...writingProblems(token, sources, at)];
  });
}

const NO_HASH =
  'must be the SHA-256 of the token in 64 hex digits, never the token itself; `tributary token create <name>` prints it';

/** A token that may write does so as one source, which is among those it is bound to. */
function writingProblems(
  { name, scopes, sources: bound }: WrittenToken,
  sources: WrittenTenant['sources'],
  at: YamlPath,
) {
  if (!scopes.includes('write')) return [];
  const source = sources.find((one) => one.type === 'remote_write' && one.tokens.includes(name));
  const problem = (message: string): Finding[] => [[[...at, 'name'], message]];
  if (source === undefined) {
    return problem(`token ${name} may write but belongs to no source; name it in the tokens of a source`);
  }
  if (bound === undefined || bound.includes(source.name)) return [];
  return problem(`token ${name} writes as source ${source.name}, which is not among its sources; add it there`);
}

/** A token of two tenants would let each read the other. */
export function repeatedHashes(tenants: WrittenConfig['tenants']): Finding[] {
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [i, tenant] of tenants.entries()) {
    for (const [j, { sha256, name }] of tenant.tokens.entries()) {
      const hash = sha256.toLowerCase();
      const other = seen.get(hash);
      if (hash === CLOSED) continue;
      if (other !== undefined) {
        findings.push([
          ['tenants', i, 'tokens', j, 'sha256'],
          `is the hash of ${other} too; every token needs a secret of its own`,
        ]);
      }
      seen.set(hash, `${tenant.name}/${name}`);
    }
  }
  return findings;
}

/** Tokens that nobody can use, or soon nobody will be able to. @param now ms */
export function tokenWarnings({ name: tenant, tokens }: WrittenTenant, path: YamlPath, now: number): Finding[] {
  return tokens.flatMap(({ sha256, name, scopes, expires }, i): Finding[] => {
    const at = [...path, 'tokens', i];
    if (sha256 === CLOSED) return [[[...at, 'sha256'], closedWarning(tenant, name, scopes)]];
    const left = expires === undefined ? Number.POSITIVE_INFINITY : (parseExpiry(expires) ?? 0) - now;
    if (left > EXPIRES_SOON_MS) return [];
    const state = left > 0 ? `expires on ${expires}` : `has expired on ${expires}: nobody can use it`;
    return [
      [[...at, 'expires'], `token ${name} of tenant ${tenant} ${state}; make another with \`tributary token create\``],
    ];
  });
}

function closedWarning(tenant: string, name: string, scopes: readonly string[]): string {
  const command = `tributary token create ${name} --scope ${scopes.join(' ')}`;
  return `token ${name} of tenant ${tenant} is closed: nobody can use it until its variable holds the hash that \`${command}\` prints`;
}

function hashProblems({ sha256 }: WrittenToken, at: YamlPath): Finding[] {
  const problem = (message: string): Finding[] => [[[...at, 'sha256'], message]];
  if (sha256 !== CLOSED && !/^[0-9a-fA-F]{64}$/.test(sha256)) return problem(NO_HASH);
  return HASHES_OF_NOTHING.has(sha256.toLowerCase()) ? problem(HASH_OF_NOTHING) : [];
}

/** Of an empty text and of an empty line: what a script makes of a variable that is not set. */
const HASHES_OF_NOTHING: ReadonlySet<string> = new Set([
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b',
]);

const HASH_OF_NOTHING =
  'is the hash of an empty token, with which everybody could come in; `tributary token create <name>` prints another';
