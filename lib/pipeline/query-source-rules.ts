import type { Tenant } from '../context/tenant.ts';
import type { Plan } from '../plan/plan.ts';
import { overStorePlan } from '../plan/push-down.ts';
import { type PreparedPlan, type PrepareOptions, preparePlan } from './evaluate/prepared-plan.ts';
import type { AwaitingPlan } from './evaluate.ts';
import { progressKey } from './query-source.ts';
import { queryTargets } from './query-source-dependencies.ts';

/**
 * The rules that `evaluate` runs for tenants of query sources, by tenant: those that read only what is stored. The others
 * are computed with the user's server, and over the store they would find half of what they read; of alerts the server
 * computes the condition.
 */
export function storedRules(
  plan: Plan,
  tenants: readonly Tenant[],
  options: PrepareOptions,
): ReadonlyMap<string, AwaitingPlan> {
  const plans = new Map<number, PreparedPlan>();
  const planFor = (interval: number) => {
    const known = plans.get(interval) ?? preparePlan(overStorePlan(plan, interval), options);
    plans.set(interval, known);
    return known;
  };
  return new Map(
    tenants.flatMap((tenant) => {
      const targets = queryTargets([tenant]);
      if (targets.length === 0) return [];
      const interval = Math.max(...targets.map(({ source }) => source.interval));
      const awaits = { keys: targets.map(progressKey), atMost: MAX_WAIT_MS + interval };
      return [[tenant.name, { ...planFor(interval), awaits }] as const];
    }),
  );
}

/** Beyond the interval of a source. Nobody sees results further back. */
const MAX_WAIT_MS = 5 * 60_000;
