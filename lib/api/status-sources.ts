import { mayReach } from '../context/authenticate.ts';
import type { Source, Tenant } from '../context/tenant.ts';
import { progressKey } from '../pipeline/query-source.ts';
import { isWantedDrop } from '../pipeline/wanted-drop.ts';
import type { SourceTally } from '../storage/ledger.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { type Freshness, freshnessOf } from './freshness.ts';

/** One source of a tenant, and when it last gave something. Times in ms. */
export interface SourceStatus extends Freshness {
  readonly source: string;
  readonly type: Source['type'];
  /** Of the last request or scrape that was worked off. */
  readonly lastReceived?: number;
  /** Of a query source: the time up to which its results are stored. */
  readonly evaluatedTo?: number;
  /**
   * Samples (of a query source also questions) that were refused or dropped in the last hour; what packs and rules leave
   * out on purpose is not among them.
   */
  readonly lost: number;
}

/** How far back a sign of life is looked for, ms. */
const WINDOW_MS = 3600_000;

/**
 * `GET /api/v1/status/sources`: whether every source of the tenant is fresh. Not part of Prometheus's API. A token that is
 * bound to sources sees these alone.
 */
export async function statusSources({ tenant, token }: Call, dependencies: ApiDependencies): Promise<Answer> {
  const all = await sourceStatuses(tenant, dependencies);
  const sources = all.filter(({ source }) => token === undefined || mayReach(token, source));
  return { data: (out) => out.write(JSON.stringify({ now: dependencies.now(), sources })) };
}

/** In the order of the configuration. */
export async function sourceStatuses(
  tenant: Tenant,
  { ledger, ruleState, now }: Pick<ApiDependencies, 'ledger' | 'ruleState' | 'now'>,
): Promise<readonly SourceStatus[]> {
  const time = now();
  const totals = await ledger.totals(tenant.name, time - WINDOW_MS, time);
  return Promise.all(
    tenant.sources.map(async (source): Promise<SourceStatus> => {
      const total = totals.find((one) => one.source === source.name);
      const lastReceived = total?.lastReceived;
      const evaluatedTo =
        source.type === 'query'
          ? (await ruleState.read(progressKey({ tenant, source })))?.state.evaluatedTo
          : undefined;
      return {
        source: source.name,
        type: source.type,
        ...freshnessOf(source, source.type === 'query' ? evaluatedTo : lastReceived, time),
        ...(lastReceived !== undefined && { lastReceived }),
        ...(evaluatedTo !== undefined && { evaluatedTo }),
        lost: total === undefined ? 0 : lostOf(total),
      };
    }),
  );
}

function lostOf({ tally: { refused, dropped } }: SourceTally): number {
  const unwanted = Object.entries(dropped).filter(([reason]) => !isWantedDrop(reason));
  return [...Object.entries(refused), ...unwanted].reduce((sum, [, count]) => sum + count, 0);
}
