import { CONFIG_SCHEMA } from '../../config/config-schema.ts';
import { resolveReferences } from '../../config/resolve-references.ts';
import { CLOSED, parseExpiry, type WrittenToken } from '../../config/token-schema.ts';
import { type Mistake, MistakesError } from '../../rules/mistake.ts';
import { checkShape, readYaml } from '../../rules/yaml-file.ts';

/** A token is about to expire when it does within this time. */
const SOON_MS = 30 * 24 * 3600_000;

export interface TokenState {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Sources that it is bound to, or that it writes as. */
  readonly sources: readonly string[];
  readonly expires?: string;
  readonly state: 'open' | 'closed' | 'expires soon' | 'expired';
}

export interface WrittenTokens {
  readonly tokens: readonly TokenState[];
  /** By tenant: the sources that are written to. */
  readonly writable: ReadonlyMap<string, readonly string[]>;
}

/**
 * What tributary.yml says of every token, closed ones as well. @param now ms
 * @throws MistakesError
 */
export function tokenStates(
  file: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  now: number,
): WrittenTokens {
  const yaml = readYaml(file, text, 'core');
  const mistakes: Mistake[] = [];
  const written = checkShape(yaml, [], resolveReferences(yaml, environment, mistakes), CONFIG_SCHEMA, mistakes);
  if (written === undefined || mistakes.length > 0) throw new MistakesError(mistakes);
  const tokens = written.tenants.flatMap((tenant) =>
    tenant.tokens.map((token): TokenState => {
      const writes = tenant.sources.filter((one) => one.type === 'remote_write' && one.tokens.includes(token.name));
      return {
        tenant: tenant.name,
        name: token.name,
        scopes: token.scopes,
        sources: token.sources ?? writes.map(({ name }) => name),
        ...(token.expires !== undefined && { expires: token.expires }),
        state: stateOf(token, now),
      };
    }),
  );
  const writable = written.tenants.map(
    ({ name, sources }) =>
      [name, sources.filter(({ type }) => type === 'remote_write').map((source) => source.name)] as const,
  );
  return { tokens, writable: new Map(writable) };
}

function stateOf({ sha256, expires }: WrittenToken, now: number): TokenState['state'] {
  if (sha256 === CLOSED) return 'closed';
  const until = expires === undefined ? Number.POSITIVE_INFINITY : (parseExpiry(expires) ?? 0);
  if (now >= until) return 'expired';
  return until - now <= SOON_MS ? 'expires soon' : 'open';
}
