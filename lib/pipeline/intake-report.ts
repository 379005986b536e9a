import type { Label, Labels } from '../model/labels.ts';
import { countReason, type DropExample, newTally } from '../storage/ledger.ts';
import type { IntakeAccount } from './intake-account.ts';
import { printableSeries } from './printable.ts';
import { REMEDIES, type RefusalReason } from './refusal-reason.ts';

/** Few enough for the account to stay a small part of a queue message. */
const MAX_EXAMPLES = 5;

/** What is wrong, without the series it is wrong with. */
export interface Fault {
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** Counts what becomes of one request, and words the answer. */
export class IntakeReport {
  /** Accepted, in the kinds that Remote-Write 2.0 reports as written. */
  readonly written = { samples: 0, histograms: 0, exemplars: 0 };
  readonly #tally = newTally();
  readonly #examples: DropExample[] = [];
  #failure: string | undefined;
  #refused = 0;

  /** Whether the answer must be an error although some of the request may have been accepted. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether anything was accepted that must not be lost. */
  get accepted(): boolean {
    return this.#tally.accepted + this.#tally.exemplars + this.#tally.metadata > 0;
  }

  get isEmpty(): boolean {
    return !this.accepted && Object.keys(this.#tally.refused).length === 0;
  }

  accept(samples: number, histograms: number, exemplars: number, isSelected: boolean): void {
    this.written.samples += samples;
    this.written.histograms += histograms;
    this.written.exemplars += exemplars;
    this.#tally.accepted += samples + histograms;
    this.#tally[isSelected ? 'selected' : 'unselected'] += samples + histograms;
    this.#tally.exemplars += exemplars;
  }

  acceptMetadata(count = 1): void {
    this.#tally.metadata += count;
  }

  /** Accepted and selected samples that the worker need not see. */
  drop(reason: string, count: number): void {
    if (count > 0) countReason(this.#tally.dropped, reason, count);
  }

  /** Invalid data: the request fails with 400. `count` is of samples and histograms; a series without any counts 1. */
  refuse({ reason, detail }: Fault, labels: readonly Label[] | Labels, count: number): void {
    this.leaveOut({ reason, detail }, labels, count);
    this.#refused += count;
    this.#failure ??= `${printableSeries(labels)}: ${detail} (${reason}); ${REMEDIES[reason]}`;
  }

  /** Data that we do without: counted, and the request still succeeds (exemplars and metadata, as for Prometheus). */
  leaveOut({ reason, detail }: Fault, labels: readonly Label[] | Labels, count = 1): void {
    const isNew = this.#tally.refused[reason] === undefined;
    countReason(this.#tally.refused, reason, count);
    if (isNew && this.#examples.length < MAX_EXAMPLES) {
      this.#examples.push({ reason, series: printableSeries(labels), detail });
    }
  }

  /** A request that could not be read: how much it held is not known, so it counts as one. */
  refuseRequest(reason: RefusalReason, detail: string): void {
    countReason(this.#tally.refused, reason);
    this.#examples.push({ reason, series: '', detail });
  }

  /**
   * The error for the sender on one line, the first fault first: Prometheus logs only the first line of a body, and of
   * that about 1,000 bytes.
   */
  get text(): string {
    const { samples, histograms, exemplars } = this.written;
    const total = this.#refused + samples + histograms;
    const reasons = Object.entries(this.#tally.refused).map(([reason, count]) => `${count} ${reason}`);
    return (
      `cannot accept ${this.#refused} of ${total} samples and histograms: ${this.#failure}. ` +
      `Refused: ${reasons.join(', ')}. ` +
      `Written: ${samples} samples, ${histograms} histograms, ${exemplars} exemplars.`
    );
  }

  get account(): IntakeAccount {
    return { tally: this.#tally, examples: this.#examples };
  }
}
