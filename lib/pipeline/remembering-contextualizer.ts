import { Contextualizer } from '../plan/contextualizer.ts';
import type { Plan } from '../plan/plan.ts';
import { ReceivedMemories } from './received-memories.ts';

/**
 * A contextualizer, and the memories of received series that go with it.
 *
 * @throws RegexpError when a regex of the plan is not valid RE2.
 */
export function rememberingContextualizer(plan: Plan): {
  readonly contextualizer: Contextualizer;
  readonly memories: ReceivedMemories;
} {
  return { contextualizer: new Contextualizer(plan), memories: new ReceivedMemories() };
}
