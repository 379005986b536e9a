import { DEFAULT_SCOPE, type RemoteWriteSource, type Tenant } from '../lib/context/tenant.ts';
import { sha256Of } from './data-folder.ts';

const TOKEN_NAME = 'local';

/**
 * Gives the local server's token to the first tenant that takes remote writes: it writes as that tenant's first source,
 * and reads. Where no tenant takes any (all sources are read from), the first one gets a source for it. Every other
 * token of the configuration stays as it is.
 *
 * @throws Error when there is no tenant.
 */
export function withLocalToken(
  tenants: readonly Tenant[],
  token: string,
): { readonly tenants: readonly Tenant[]; readonly tenant: string } {
  const tenant = tenants.find((one) => writeSourceOf(one) !== undefined) ?? tenants[0];
  if (tenant === undefined) throw new Error('cannot start: the configuration has no tenant; add one');
  const source = writeSourceOf(tenant) ?? { name: 'local', type: 'remote_write', tokens: [], scope: DEFAULT_SCOPE };
  const added: Tenant = {
    ...tenant,
    tokens: [
      ...tenant.tokens.filter(({ name }) => name !== TOKEN_NAME),
      { name: TOKEN_NAME, sha256: sha256Of(token), scopes: ['write', 'read'] },
    ],
    sources: [{ ...source, tokens: [...source.tokens, TOKEN_NAME] }, ...tenant.sources.filter((one) => one !== source)],
  };
  return { tenants: tenants.map((one) => (one === tenant ? added : one)), tenant: tenant.name };
}

function writeSourceOf({ sources }: Tenant): RemoteWriteSource | undefined {
  return sources.find((one): one is RemoteWriteSource => one.type === 'remote_write');
}
