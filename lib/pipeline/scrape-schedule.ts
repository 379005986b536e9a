import { createHash } from 'node:crypto';
import type { FederationSource, Tenant } from '../context/tenant.ts';

/** One server of one source. */
export interface ScrapeTarget {
  readonly tenant: Tenant;
  readonly source: FederationSource;
  readonly server: string;
  /** Tells it from every other target, the same for as long as the configuration names it. */
  readonly id: string;
}

/** All servers of all federation sources. */
export function scrapeTargets(tenants: readonly Tenant[]): ScrapeTarget[] {
  return tenants.flatMap((tenant) =>
    tenant.sources
      .filter((source): source is FederationSource => source.type === 'federation')
      .flatMap((source) =>
        source.servers.map((server) => ({ tenant, source, server, id: idOf(tenant, source, server) })),
      ),
  );
}

/**
 * Whether a target's time lies after `previous` and not after `time` (ms). Times are multiples of the interval, moved by
 * an offset that follows from the target's id: servers with long intervals take turns, and each keeps its beat over
 * restarts without anything being stored.
 */
export function isDue(
  { id, source }: Pick<ScrapeTarget, 'id'> & { source: Pick<FederationSource, 'interval'> },
  previous: number,
  time: number,
): boolean {
  const { interval } = source;
  const offset = Number.parseInt(id.slice(0, 12), 16) % interval;
  return Math.floor((time - offset) / interval) > Math.floor((previous - offset) / interval);
}

/** Hexadecimal. */
function idOf(tenant: Tenant, source: FederationSource, server: string): string {
  return createHash('sha256').update(`${tenant.name}\n${source.name}\n${server}`).digest('hex').slice(0, 24);
}
