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

/** A judgement and until when (ms) it holds. */
export interface Verdict {
  /** The `identity` that was judged. */
  readonly identity: object;
  readonly judgement: Judgement;
  readonly until: number;
}

/** Folded series whose raw series are remembered, least recently seen forgotten first: about 100 bytes each. */
const MAX_OWNERS = 50_000;

/** What was judged of a series holds this long, ms: most series come many times, and cost one look each. */
const JUDGEMENT_MS = 5 * 60_000;

/** Keeps what varies without bound from becoming series without bound: by service and context, and by metric. */
export class Firewall {
  readonly #members: MemberBudgets;
  readonly #contexts: ContextBudgets;
  /** By source and id of the folded series, the id of its raw series. */
  readonly #owners = new Map<string, string>();

  readonly #judged = new WeakMap<object, Verdict>();
  readonly #now: () => number;

  constructor(options: MemberGuardOptions) {
    this.#now = options.now;
    this.#members = new MemberBudgets(options);
    this.#contexts = new ContextBudgets(options);
  }

  /**
   * Judges the series of one message together.
   *
   * @returns a judgement for each candidate, in their order
   * @throws StorageUnavailableError
   */
  async judge(tenant: Tenant, candidates: readonly Candidate[]): Promise<readonly Judgement[]> {
    const now = this.#now();
    const open = candidates.filter(({ identity }) => !(now < (this.#judged.get(identity)?.until ?? 0)));
    if (open.length > 0) await this.#decide(tenant, open, now + JUDGEMENT_MS);
    return candidates.map((candidate) => this.verdictOf(candidate).judgement);
  }

  /** The time by which verdicts go, ms. */
  get time(): number {
    return this.#now();
  }

  /** What was judged last of a candidate: until then it need not be judged again. */
  verdictOf({ identity, raw }: Candidate): Verdict {
    const verdict = this.#judged.get(identity);
    if (verdict === undefined) throw new Error(`BUG: ${raw} was not judged`);
    return verdict;
  }

  async #decide(tenant: Tenant, candidates: readonly Candidate[], until: number): Promise<void> {
    const refused = await this.#members.refuse(tenant, candidates);
    const taken = candidates.filter((candidate) => !refused.has(candidate));
    await this.#contexts.decide(
      tenant,
      taken.flatMap(({ outputs }) => outputs),
    );
    for (const candidate of candidates) {
      const judgement: Judgement = refused.has(candidate)
        ? { kind: 'refused', reason: OVER_MEMBER_BUDGET, detail: overMemberBudgetDetail(candidate, tenant) }
        : this.#fold(tenant.name, candidate);
      this.#judged.set(candidate.identity, { identity: candidate.identity, judgement, until });
    }
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
    // Most series keep their outputs: one list for both saves memory for each of them.
    return { kind: 'taken', outputs: folded.every((output, i) => output === outputs[i]) ? outputs : folded };
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
