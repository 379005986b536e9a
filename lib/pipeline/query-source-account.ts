import { countReason, type DropExample, newTally, type Tally } from '../storage/ledger.ts';
import { countOf } from '../storage/series-builder.ts';
import type { Fault } from './query-source-fault.ts';
import type { Dropped, QueryOutcome, RuleOutcome } from './query-source-finish.ts';

const MAX_EXAMPLES_PER_REASON = 3;

/** Counts what became of the answers of one run. */
export class QueryAccount {
  readonly tally: Tally = newTally();
  readonly examples: DropExample[] = [];
  readonly #dropped = new Set<string>();

  /** Answered samples count as selected; every failed question counts once, with the server's reason. */
  answered(outcomes: readonly QueryOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') {
        this.#refuse(outcome.fault);
        continue;
      }
      for (const { timestamps, histograms } of outcome.series) {
        this.tally.accepted += timestamps.length + histograms.length;
      }
    }
    this.tally.selected = this.tally.accepted;
    this.tally.contextualized = this.tally.accepted;
  }

  /** An answer counts as dropped once, however many rules cannot use it. */
  drop({ reason, series, detail, samples, query }: Dropped): void {
    const key = JSON.stringify([query ?? 'rule', reason, series.key]);
    if (samples === 0 || this.#dropped.has(key)) return;
    this.#dropped.add(key);
    countReason(this.tally.dropped, reason, samples);
    if (query !== undefined) this.tally.contextualized -= samples;
    this.#example(reason, series.toString(), detail);
  }

  computed(outcomes: readonly RuleOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') {
        const { record, origin } = outcome.rule.rule;
        this.#example(outcome.fault.reason, `${record} (${origin.file}:${origin.line})`, outcome.fault.detail);
        continue;
      }
      for (const series of outcome.series) this.tally.stored += countOf(series);
    }
  }

  #refuse({ reason, detail }: Fault): void {
    countReason(this.tally.refused, reason);
    this.#example(reason, '', detail);
  }

  #example(reason: string, series: string, detail: string): void {
    const known = this.examples.filter((example) => example.reason === reason);
    const isNew = !known.some((example) => example.detail === detail && example.series === series);
    if (isNew && known.length < MAX_EXAMPLES_PER_REASON) {
      this.examples.push({ reason, series: series.slice(0, 500), detail: detail.slice(0, 500) });
    }
  }
}
