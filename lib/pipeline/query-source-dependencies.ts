import type { ReadSecret } from '../context/remote-access.ts';
import type { QuerySource, Tenant } from '../context/tenant.ts';
import type { Plan } from '../plan/plan.ts';
import { type PushDown, pushDown } from '../plan/push-down.ts';
import type { Engine } from '../promql/engine.ts';
import type { Appendable } from '../storage/interface.ts';
import type { LedgerRecorder } from '../storage/ledger.ts';
import type { RuleState } from '../storage/rule-state.ts';
import { progressKey, type QuerySourceDependencies, type QueryTarget } from './query-source.ts';
import { sourceClients } from './query-source-clients.ts';
import { QuerySourceMemory } from './query-source-memory.ts';
import type { UsageBook } from './usage-book.ts';

export interface QuerySourceSetup {
  readonly plan: Plan;
  readonly tenants: readonly Tenant[];
  readonly storage: Appendable;
  readonly ledger: LedgerRecorder;
  readonly progress: RuleState;
  readonly engine: Engine;
  readonly secret: ReadSecret;
  readonly usage?: UsageBook;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What every run of one process shares: targets, the split of the rules, clients, and what earlier runs gave. */
export function querySourceDependencies({ plan, tenants, secret, ...rest }: QuerySourceSetup): QuerySourceDependencies {
  const split = new Map<QuerySource, PushDown>();
  const clientOf = sourceClients(secret);
  const memories = new Map<string, QuerySourceMemory>();
  return {
    targets: queryTargets(tenants),
    planVersion: plan.version,
    pushDownOf: (source) => remembered(split, source, () => pushDown(plan, source.scope)),
    memoryOf: (target) =>
      remembered(memories, progressKey(target), () => new QuerySourceMemory(clientOf(target.tenant, target.source))),
    ...rest,
  };
}

/** All query sources. */
export function queryTargets(tenants: readonly Tenant[]): QueryTarget[] {
  return tenants.flatMap((tenant) =>
    tenant.sources
      .filter((source): source is QuerySource => source.type === 'query')
      .map((source) => ({ tenant, source })),
  );
}

function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
