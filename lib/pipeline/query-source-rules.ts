import type { Tenant } from '../context/tenant.ts';
import type { Plan } from '../plan/plan.ts';
import { overStorePlan } from '../plan/push-down.ts';
import { type PreparedPlan, type PrepareOptions, preparePlan } from './evaluate/prepared-plan.ts';

/**
 * The rules that `evaluate` runs for tenants of query sources, by tenant: those that read only what is stored. The others
 * are computed with the user's server, and over the store they would find half of what they read.
 */
export function storedRules(
  plan: Plan,
  tenants: readonly Tenant[],
  options: PrepareOptions,
): ReadonlyMap<string, PreparedPlan> {
  const names = tenants.filter(({ sources }) => sources.some(({ type }) => type === 'query')).map(({ name }) => name);
  if (names.length === 0) return new Map();
  const prepared = preparePlan(overStorePlan(plan), options);
  return new Map(names.map((name) => [name, prepared]));
}
