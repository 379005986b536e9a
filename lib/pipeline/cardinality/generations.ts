import type { Retention } from '../../storage/interface.ts';
import { DAY_MS } from '../../storage/retention-window.ts';

/** How long a generation of members is: as long as the samples are kept that they were admitted for. */
export interface Generations {
  /** ms after which a member that was not seen again frees its place: once for certain after two of them. */
  readonly generationMs: number;
  /** By name, of tenants whose samples are kept for other times. */
  readonly tenantGenerationMs?: ReadonlyMap<string, number>;
}

export function generationsOf({ normalised, tenants = {} }: Retention): Generations {
  const ofTenants = Object.entries(tenants).map(([name, own]) => [name, own.normalised.days * DAY_MS] as const);
  return { generationMs: normalised.days * DAY_MS, tenantGenerationMs: new Map(ofTenants) };
}

export function generationMsOf({ generationMs, tenantGenerationMs }: Generations, tenant: string): number {
  return tenantGenerationMs?.get(tenant) ?? generationMs;
}
