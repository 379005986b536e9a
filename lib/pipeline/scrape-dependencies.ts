import type { ReadSecret } from '../context/remote-access.ts';
import type { Tenant } from '../context/tenant.ts';
import { federationMatchers, federationPages } from '../plan/federation-matchers.ts';
import type { Plan } from '../plan/plan.ts';
import { newSelection } from '../plan/selection.ts';
import type { Queue } from '../queue/interface.ts';
import { newRemoteClient } from '../remote/remote-client.ts';
import type { ScrapeDependencies } from './scrape.ts';
import { ScrapeMemory } from './scrape-memory.ts';
import { scrapeTargets } from './scrape-schedule.ts';

export interface ScrapeSetup {
  readonly plan: Plan;
  readonly tenants: readonly Tenant[];
  readonly queue: Queue;
  readonly secret: ReadSecret;
  /** ms from one run to the next. */
  readonly period: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What every run of one process shares: targets, the pages to ask for, clients, and what earlier scrapes gave. */
export function scrapeDependencies({ plan, tenants, secret, ...rest }: ScrapeSetup): ScrapeDependencies {
  return {
    targets: scrapeTargets(tenants),
    pages: federationPages(federationMatchers(plan)),
    selects: newSelection(plan),
    planVersion: plan.version,
    memory: new ScrapeMemory(),
    clientOf: ({ server, source }) => newRemoteClient({ url: server, access: source.access, secret }),
    ...rest,
  };
}
