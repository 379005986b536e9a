import { isLegacyLabelName } from '../model/labels.ts';
import type { Combine, PushedRead } from './push-down-read.ts';

/** A question to the user's server: an instant vector. */
export interface PushedQuery {
  readonly expr: string;
  /** The raw metric that it reads; where the server has no such metric there is nothing to ask. */
  readonly metric: string;
  /** How far before its time it looks, ms; absent where `@` fixes what it looks at. */
  readonly reach?: number;
  /** Only native histograms have what it asks for: a server that does not know the function has none. */
  readonly ofHistograms?: boolean;
}

/** A question before it is known which others ask for the same. */
interface Draft {
  readonly metric: string;
  readonly reach?: number;
  /** PromQL over raw series, without the aggregation. */
  readonly inner: string;
  readonly ofHistograms: boolean;
  readonly combine: Combine | undefined;
  readonly labels: readonly string[];
}

/** Gathers the questions of all rules. One that groups more finely than another answers that other as well. */
export class QueryDrafts {
  readonly #drafts: Draft[] = [];

  /** @returns the index of the draft, which `settle` turns into the index of a query. */
  add(draft: Draft): number {
    return this.#drafts.push(draft) - 1;
  }

  merge(): { readonly queries: readonly PushedQuery[]; readonly settle: (read: PushedRead) => PushedRead } {
    const kept: Draft[] = [];
    const settled = new Map<number, number>();
    const finestFirst = [...this.#drafts.entries()].sort(([, a], [, b]) => b.labels.length - a.labels.length);
    for (const [index, draft] of finestFirst) {
      const known = kept.findIndex((other) => answers(other, draft));
      settled.set(index, known >= 0 ? known : kept.push(draft) - 1);
    }
    return {
      queries: kept.map(queryOf),
      settle: (read) => ({
        ...read,
        questions: read.questions.map((question) => ({ ...question, query: settled.get(question.query) ?? -1 })),
      }),
    };
  }
}

function answers(finer: Draft, { inner, combine, labels }: Draft): boolean {
  return finer.inner === inner && finer.combine === combine && labels.every((name) => finer.labels.includes(name));
}

function queryOf(draft: Draft): PushedQuery {
  const { metric, reach, ofHistograms } = draft;
  return {
    expr: exprOf(draft),
    metric,
    ...(reach === undefined ? {} : { reach }),
    ...(ofHistograms && { ofHistograms }),
  };
}

function exprOf({ inner, combine, labels }: Draft): string {
  if (combine === undefined) return inner;
  const names = labels.map((name) => (isLegacyLabelName(name) ? name : JSON.stringify(name)));
  return `${combine} by (${names.join(', ')}) (${inner})`;
}
