import type { RefusedSeries, Series } from '../storage/interface.ts';
import { countReason, type DropExample, newTally, type Tally } from '../storage/ledger.ts';
import type { Fault } from './query-source-fault.ts';
import type { Dropped, QueryOutcome, RuleOutcome } from './query-source-finish.ts';

const MAX_EXAMPLES_PER_REASON = 3;

/** What became of the answers of one evaluation time. */
export interface TimeAccount {
  /** ms */
  readonly time: number;
  readonly tally: Tally;
  readonly examples: readonly DropExample[];
}

/**
 * Counts what became of the answers of one run, each evaluation time by itself: runs side by side may overlap in some of
 * their times only, and the account of a time has to replace itself.
 */
export class QueryAccount {
  readonly examples: DropExample[] = [];
  readonly #first: number;
  readonly #tallies: ReadonlyMap<number, Tally>;
  readonly #dropped = new Set<string>();

  /** @param times of the run, ms, at least one */
  constructor(times: readonly number[]) {
    this.#first = times[0] ?? 0;
    this.#tallies = new Map(times.map((time) => [time, newTally()]));
  }

  /** Results that were computed. */
  get stored(): number {
    return [...this.#tallies.values()].reduce((sum, { stored }) => sum + stored, 0);
  }

  /** What belongs to no single time stands with the first one. */
  get entries(): readonly TimeAccount[] {
    return [...this.#tallies].map(([time, tally]) => ({
      time,
      tally,
      examples: time === this.#first ? this.examples : [],
    }));
  }

  /** Answered samples count as selected; every failed question counts once, with the server's reason. */
  answered(outcomes: readonly QueryOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') {
        this.#refuse(outcome.fault);
        continue;
      }
      for (const { timestamps, histograms } of outcome.series) {
        for (const time of [...timestamps, ...histograms.map(({ timestamp }) => timestamp)]) {
          const tally = this.#at(time);
          tally.accepted++;
          tally.selected++;
          tally.contextualized++;
        }
      }
    }
  }

  /** An answer counts as dropped once, however many rules cannot use it. */
  drop({ reason, series, detail, times, query }: Dropped): void {
    const key = JSON.stringify([query ?? 'rule', reason, series.key]);
    if (times.length === 0 || this.#dropped.has(key)) return;
    this.#dropped.add(key);
    for (const time of times) {
      const tally = this.#at(time);
      countReason(tally.dropped, reason);
      if (query !== undefined) tally.contextualized--;
    }
    this.#example(reason, series.toString(), detail);
  }

  computed(outcomes: readonly RuleOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') {
        const { record, origin } = outcome.rule.rule;
        this.#example(outcome.fault.reason, `${record} (${origin.file}:${origin.line})`, outcome.fault.detail);
        continue;
      }
      for (const one of outcome.series) for (const time of timesOf(one)) this.#at(time).stored++;
    }
  }

  /** What the store refused of what was computed. */
  refused(series: readonly RefusedSeries[], outcomes: readonly RuleOutcome[]): void {
    for (const { labels, reason, detail } of series) {
      for (const outcome of outcomes) {
        for (const one of outcome.kind === 'failed' ? [] : outcome.series) {
          if (!one.labels.equals(labels)) continue;
          for (const time of timesOf(one)) {
            const tally = this.#at(time);
            tally.stored--;
            countReason(tally.dropped, reason);
          }
        }
      }
      this.#example(reason, labels.toString(), detail);
    }
  }

  #at(time: number): Tally {
    const tally = this.#tallies.get(time);
    if (tally === undefined) throw new Error(`BUG: something was answered for ${time}, which was not asked for`);
    return tally;
  }

  #refuse({ reason, detail }: Fault): void {
    countReason(this.#at(this.#first).refused, reason);
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

function timesOf({ floats, histograms }: Series): number[] {
  return [...floats.timestamps, ...(histograms?.timestamps ?? [])];
}
