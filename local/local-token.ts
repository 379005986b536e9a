import { DEFAULT_SCOPE, type RemoteWriteSource, type Source, type Tenant } from '../lib/context/tenant.ts';
import { sha256Of } from './data-folder.ts';

const TOKEN_NAME = 'local';

export interface LocalTenants {
  readonly tenants: readonly Tenant[];
  /** Whose token it is. */
  readonly tenant: string;
  /** Whether it may write; it always reads. */
  readonly writes: boolean;
}

/**
 * Gives the local server's token to the first tenant that takes remote writes: it writes as that tenant's first source,
 * and reads. Where no tenant takes any, the first that reads `/federate` gets a source for it; where all have query
 * sources, beside which there can be no other, the token of the first only reads. Every other token of the configuration
 * stays as it is.
 *
 * @throws Error when there is no tenant.
 */
export function withLocalToken(tenants: readonly Tenant[], token: string): LocalTenants {
  const tenant =
    tenants.find((one) => writeSourceOf(one) !== undefined) ?? tenants.find((one) => !asks(one)) ?? tenants[0];
  if (tenant === undefined) throw new Error('cannot start: the configuration has no tenant; add one');
  const writes = !asks(tenant);
  const added: Tenant = {
    ...tenant,
    tokens: [
      ...tenant.tokens.filter(({ name }) => name !== TOKEN_NAME),
      { name: TOKEN_NAME, sha256: sha256Of(token), scopes: writes ? ['write', 'read'] : ['read'] },
    ],
    sources: writes ? withWriteSource(tenant) : tenant.sources,
  };
  return { tenants: tenants.map((one) => (one === tenant ? added : one)), tenant: tenant.name, writes };
}

function withWriteSource(tenant: Tenant): readonly Source[] {
  const source = writeSourceOf(tenant) ?? { name: 'local', type: 'remote_write', tokens: [], scope: DEFAULT_SCOPE };
  return [{ ...source, tokens: [...source.tokens, TOKEN_NAME] }, ...tenant.sources.filter((one) => one !== source)];
}

function asks({ sources }: Tenant): boolean {
  return sources.some(({ type }) => type === 'query');
}

function writeSourceOf({ sources }: Tenant): RemoteWriteSource | undefined {
  return sources.find((one): one is RemoteWriteSource => one.type === 'remote_write');
}
