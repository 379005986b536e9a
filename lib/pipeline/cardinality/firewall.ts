import type { Tenant } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import type { ContextualizedOutput } from '../../plan/contextualizer.ts';
import { seriesIdentity } from '../../storage/series-identity.ts';
import { ContextBudgets } from './context-budgets.ts';
import { type Member, MemberBudgets, OVER_MEMBER_BUDGET, overMemberBudgetDetail } from './member-budgets.ts';
import type { MemberGuardOptions } from './member-guard.ts';

/** What the contextualizer made of a raw series. */
export interface Candidate extends Member {
  readonly source: string;
  readonly outputs: readonly ContextualizedOutput[];
}

/** What is stored of it: all outputs, perhaps under the context `__other__`; or nothing, and why. */
export type Judgement =
  | { readonly kind: 'taken'; readonly outputs: readonly ContextualizedOutput[] }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

/** Folded series whose raw series are remembered, least recently seen forgotten first: about 100 bytes each. */
const MAX_OWNERS = 50_000;

/** Keeps what varies without bound from becoming series without bound: by service and context, and by metric. */
export class Firewall {
  readonly #members: MemberBudgets;
  readonly #contexts: ContextBudgets;
  /** By source and id of the folded series, the id of its raw series. */
  readonly #owners = new Map<string, string>();

  constructor(options: MemberGuardOptions) {
    this.#members = new MemberBudgets(options);
    this.#contexts = new ContextBudgets(options);
  }

  /**
   * Judges the series of one message together.
   *
   * @throws StorageUnavailableError
   */
  async judge<T extends Candidate>(tenant: Tenant, candidates: readonly T[]): Promise<ReadonlyMap<T, Judgement>> {
    const refused = await this.#members.refuse(tenant, candidates);
    const taken = candidates.filter((candidate) => !refused.has(candidate));
    await this.#contexts.decide(
      tenant,
      taken.flatMap(({ outputs }) => outputs),
    );
    return new Map(
      candidates.map((candidate): [T, Judgement] => [
        candidate,
        refused.has(candidate)
          ? { kind: 'refused', reason: OVER_MEMBER_BUDGET, detail: overMemberBudgetDetail(candidate, tenant) }
          : this.#fold(tenant.name, candidate),
      ]),
    );
  }

  #fold(tenant: string, { raw, source, outputs }: Candidate): Judgement {
    const folded: ContextualizedOutput[] = [];
    for (const output of outputs) {
      const own = this.#contexts.fold(output);
      if (own !== output && !this.#claim(`${tenant}/${source}`, own.labels, raw)) {
        const detail =
          `${raw} would become ${own.labels}, which another raw series already is: only its request context told the two ` +
          'apart, and the contexts of its service are used up; keep the raw label that the context is made of';
        return { kind: 'refused', reason: 'colliding_series', detail };
      }
      folded.push(own);
    }
    return { kind: 'taken', outputs: folded };
  }

  /** Two raw series never become one: their samples would mix. */
  #claim(source: string, labels: Labels, raw: Labels): boolean {
    const key = `${source}/${seriesIdentity(labels).id}`;
    const id = seriesIdentity(raw).id;
    const owner = this.#owners.get(key) ?? id;
    this.#owners.delete(key);
    this.#owners.set(key, owner);
    for (const oldest of this.#owners.keys()) {
      if (this.#owners.size <= MAX_OWNERS) break;
      this.#owners.delete(oldest);
    }
    return owner === id;
  }
}
