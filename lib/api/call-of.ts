import { authorize } from './authorize.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Call } from './endpoint.ts';
import { readParams } from './params/read-params.ts';

/**
 * A request with its sender, their data and its parameters.
 * @throws ApiError when the sender may not read, before anything else of the request is looked at
 */
export async function callOf(request: Request, dependencies: ApiDependencies): Promise<Call> {
  const tenant = authorize(request, dependencies);
  const params = await readParams(request);
  return { tenant, params, querier: dependencies.storage.querier(tenant.name), signal: request.signal };
}
