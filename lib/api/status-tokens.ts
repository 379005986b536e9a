import { isExpired } from '../context/authenticate.ts';
import { lastUses } from '../pipeline/token-uses.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';

/**
 * `GET /api/v1/status/tokens`: the tokens of the tenant that are deployed, what they may, and when they were last used,
 * exact to the hour. Not part of Prometheus's API. Neither tokens nor their hashes are told.
 */
export async function statusTokens({ tenant }: Call, { registers, now }: ApiDependencies): Promise<Answer> {
  const lastUse = await lastUses(registers, tenant);
  const tokens = tenant.tokens.map((token) => {
    const { name, scopes, sources, expires } = token;
    return {
      name,
      scopes,
      ...(sources && { sources }),
      ...(expires !== undefined && { expires: isoTime(expires) }),
      state: isExpired(token, now()) ? 'expired' : 'open',
      ...whenUsed(lastUse(token)),
    };
  });
  return { data: (out) => out.write(JSON.stringify({ tenant: tenant.name, tokens })) };
}

function whenUsed(time: number | undefined): { readonly lastUsed?: string } {
  return time === undefined ? {} : { lastUsed: isoTime(time) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
