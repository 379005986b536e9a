import { AUTHENTICATE_CHALLENGE, authenticate } from '../context/authenticate.ts';
import type { Tenant } from '../context/tenant.ts';
import { ApiError } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';

/** Headers of an answer with 401. */
export const CHALLENGE = { 'WWW-Authenticate': AUTHENTICATE_CHALLENGE } as const;

/**
 * The tenant whose data a request may read: the one its credentials belong to and no other, whatever else it carries.
 * Only where no credentials are sent at all may a local server's anonymous tenant answer.
 * @throws ApiError unauthorized or forbidden
 */
export function authorize(request: Request, { tenants, anonymousTenant }: ApiDependencies): Tenant {
  const authorization = request.headers.get('authorization') ?? undefined;
  if (authorization === undefined && anonymousTenant !== undefined) return tenantNamed(tenants, anonymousTenant);
  const result = authenticate(tenants, authorization, 'read');
  if (result.kind === 'authenticated') return result.tenant;
  throw new ApiError(result.kind === 'forbidden' ? 'forbidden' : 'unauthorized', result.reason);
}

/** @throws Error when the configuration has no such tenant */
export function tenantNamed(tenants: readonly Tenant[], name: string): Tenant {
  const tenant = tenants.find((known) => known.name === name);
  if (tenant !== undefined) return tenant;
  throw new Error(`cannot serve anonymous requests as tenant ${name}: configured are ${tenants.map((t) => t.name)}`);
}
