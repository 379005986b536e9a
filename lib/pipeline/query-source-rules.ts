import type { Tenant } from '../context/tenant.ts';
import type { Plan } from '../plan/plan.ts';
import { overStorePlan } from '../plan/push-down.ts';
import { type PreparedPlan, type PrepareOptions, preparePlan } from './evaluate/prepared-plan.ts';

/**
 * The rules that `evaluate` runs for tenants of query sources, by tenant: those that read only what is stored. The others
 * are computed with the user's server, and over the store they would find half of what they read; of alerts the server
 * computes the condition.
 */
export function storedRules(
  plan: Plan,
  tenants: readonly Tenant[],
  options: PrepareOptions,
): ReadonlyMap<string, PreparedPlan> {
  const plans = new Map<number, PreparedPlan>();
  const planFor = (interval: number) => {
    const known = plans.get(interval) ?? preparePlan(overStorePlan(plan, interval), options);
    plans.set(interval, known);
    return known;
  };
  return new Map(
    tenants.flatMap(({ name, sources }) => {
      const intervals = sources.flatMap((source) => (source.type === 'query' ? [source.interval] : []));
      return intervals.length === 0 ? [] : [[name, planFor(Math.max(...intervals))] as const];
    }),
  );
}
