import type { ReadSecret } from '../context/remote-access.ts';
import type { QuerySource, Tenant } from '../context/tenant.ts';
import { newRemoteClient, type RemoteClient } from '../remote/remote-client.ts';

/** Clients of the servers of query sources, one each, made when first asked for, so that connections are kept. */
export function sourceClients(secret: ReadSecret): (tenant: Tenant, source: QuerySource) => RemoteClient {
  const clients = new Map<string, RemoteClient>();
  return (tenant, { name, url, access }) => {
    const key = `${tenant.name}/${name}`;
    const known = clients.get(key) ?? newRemoteClient({ url, access, secret });
    clients.set(key, known);
    return known;
  };
}
