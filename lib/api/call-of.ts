import type { Access } from '../context/access.ts';
import { authorize } from './authorize.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Call } from './endpoint.ts';
import { readParams } from './params/read-params.ts';

/**
 * A request with its sender, their data and its parameters.
 * @throws ApiError when the sender may not read, before anything else of the request is looked at
 */
export async function callOf(request: Request, access: Access, dependencies: ApiDependencies): Promise<Call> {
  const sender = authorize(request, access, dependencies);
  const { tenant, token } = sender;
  if (token !== undefined) dependencies.tokenUses?.note(tenant, token, dependencies.now());
  const params = await readParams(request);
  return { ...sender, params, querier: dependencies.storage.querier(tenant.name), signal: request.signal };
}
