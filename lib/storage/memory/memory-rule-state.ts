import type { EvaluationState, RevisedState, RuleState } from '../rule-state.ts';

/** States that are gone with their process. */
export class MemoryRuleState implements RuleState {
  readonly #tenants = new Map<string, RevisedState>();

  async read(tenant: string): Promise<RevisedState | undefined> {
    return structuredClone(this.#tenants.get(tenant));
  }

  async replace(tenant: string, revision: number, state: EvaluationState): Promise<boolean> {
    if ((this.#tenants.get(tenant)?.revision ?? 0) !== revision) return false;
    this.#tenants.set(tenant, { revision: revision + 1, state: structuredClone(state) });
    return true;
  }
}
