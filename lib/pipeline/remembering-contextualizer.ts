import type { Tenant } from '../context/tenant.ts';
import { Contextualizer } from '../plan/contextualizer.ts';
import type { Plan } from '../plan/plan.ts';
import { REMEMBERED_BYTES, ReceivedMemories } from './received-memories.ts';

/** What a worker may take to remember series. */
export interface RememberingOptions {
  readonly tenants: readonly Tenant[];
  /** For the series of all their sources together. */
  readonly bytes: number;
}

/**
 * A contextualizer, and the memories of received series that go with it: both remember the same series, so one's room is
 * the other's.
 *
 * @throws RegexpError when a regex of the plan is not valid RE2.
 */
export function rememberingContextualizer(
  plan: Plan,
  { tenants, bytes }: RememberingOptions,
): {
  readonly contextualizer: Contextualizer;
  readonly memories: ReceivedMemories;
} {
  // What query sources answer does not pass the queue.
  const sources = tenants.flatMap((tenant) => tenant.sources.filter(({ type }) => type !== 'query')).length;
  return {
    contextualizer: new Contextualizer(plan, { maxEntries: Math.floor(bytes / REMEMBERED_BYTES) }),
    memories: new ReceivedMemories({ bytes, sources }),
  };
}
