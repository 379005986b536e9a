import type { RemoteWriteSource, Tenant } from '../lib/context/tenant.ts';
import { sha256Of } from './data-folder.ts';

const TOKEN_NAME = 'local';

/**
 * Gives the local server's token to the first tenant that takes remote writes: it writes as that tenant's first source,
 * and reads. Every other token of the configuration stays as it is.
 *
 * @throws Error when no tenant has a source for it.
 */
export function withLocalToken(
  tenants: readonly Tenant[],
  token: string,
): { readonly tenants: readonly Tenant[]; readonly tenant: string } {
  const tenant = tenants.find(({ sources }) => sources.some(({ type }) => type === 'remote_write'));
  const source = tenant?.sources.find((one): one is RemoteWriteSource => one.type === 'remote_write');
  if (tenant === undefined || source === undefined) {
    throw new Error('cannot start: no tenant of the configuration has a source of type remote_write; add one');
  }
  const added: Tenant = {
    ...tenant,
    tokens: [
      ...tenant.tokens.filter(({ name }) => name !== TOKEN_NAME),
      { name: TOKEN_NAME, sha256: sha256Of(token), scopes: ['write', 'read'] },
    ],
    sources: tenant.sources.map((one) =>
      one === source ? { ...source, tokens: [...source.tokens, TOKEN_NAME] } : one,
    ),
  };
  return { tenants: tenants.map((one) => (one === tenant ? added : one)), tenant: tenant.name };
}
