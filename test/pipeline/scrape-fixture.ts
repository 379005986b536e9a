import type { RemoteAccess } from '../../lib/context/remote-access.ts';
import {
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_PAGE_LIMITS,
  DEFAULT_SCOPE,
  type FederationSource,
  type Tenant,
} from '../../lib/context/tenant.ts';
import { Labels } from '../../lib/model/labels.ts';
import { type IntakeAccount, parseIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import type { ScrapeDependencies } from '../../lib/pipeline/scrape.ts';
import { scrapeDependencies } from '../../lib/pipeline/scrape-dependencies.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { planOf } from '../plan/fixture.ts';

const LOOPBACK: RemoteAccess = { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: ['loopback'] };

export function sourceOf(servers: readonly string[], more: Partial<FederationSource> = {}): FederationSource {
  return {
    name: 'fed',
    type: 'federation',
    servers,
    interval: 1000,
    timeout: 1000,
    honorLabels: true,
    access: LOOPBACK,
    limits: DEFAULT_PAGE_LIMITS,
    scope: DEFAULT_SCOPE,
    ...more,
  };
}

export function tenantOf(...sources: readonly FederationSource[]): Tenant {
  return { name: 'shop', tokens: [], sources, limits: DEFAULT_INTAKE_LIMITS };
}

export interface ScrapeFixture {
  readonly queue: MemoryQueue;
  readonly clock: { now: number };
  readonly deps: ScrapeDependencies;
}

/** Everything that a run needs, with a clock that stands still and a queue in memory. */
export function scrapeFixture(
  sources: readonly FederationSource[],
  rules = 'a = up\nb = cpu{mode!="idle"}',
  period = 1000,
): ScrapeFixture {
  const queue = new MemoryQueue();
  const clock = { now: Date.now() };
  const deps = scrapeDependencies({
    plan: planOf(rules),
    tenants: [tenantOf(...sources)],
    queue,
    secret: (text) => text,
    period,
    now: () => clock.now,
  });
  return { queue, clock, deps };
}

/** What lies in the queue: series as people write them, each with its samples, and the accounts. */
export function drain(queue: MemoryQueue): {
  readonly ids: string[];
  readonly series: Map<string, TimeSeries>;
  readonly accounts: IntakeAccount[];
} {
  const messages = queue.take();
  const entries = messages.flatMap(({ body }) => [
    ...decodeWriteRequest(uncompress(body, 1 << 25), 'io.prometheus.write.v2.Request').timeseries,
  ]);
  return {
    ids: messages.map(({ envelope }) => envelope.id),
    series: new Map(entries.map((entry) => [Labels.from(entry.labels).toString(), entry])),
    accounts: messages.map(({ envelope }) => parseIntakeAccount(envelope.account)),
  };
}
