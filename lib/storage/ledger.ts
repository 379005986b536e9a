import type { UsageByWork } from './usage.ts';

/** Days that accounts are kept. */
export const LEDGER_DAYS = 15;

/**
 * What became of samples, by reason. `accepted` = `selected` + `unselected`; every selected sample is `contextualized`
 * or stands under `dropped` with its reason.
 */
export interface Tally {
  /** Samples and histograms that passed validation at the door. */
  accepted: number;
  /** Of those: what some rule of the plan can use, and went into the queue. */
  selected: number;
  /** Of those: what no rule uses. */
  unselected: number;
  /** Selected samples that produced at least one contextualized sample. */
  contextualized: number;
  /** Contextualized samples appended to the store (one selected sample may give several). */
  stored: number;
  /** Refused at the door, by reason: answered with 4xx. */
  refused: Record<string, number>;
  /** Selected but not contextualized, by reason (`no_asserts_env`, `relabel_drop`, `histogram_not_scalable` …). */
  dropped: Record<string, number>;
  exemplars: number;
  metadata: number;
}

/** One series that was refused or dropped, kept so that somebody can see why. */
export interface DropExample {
  readonly reason: string;
  readonly series: string;
  readonly detail?: string;
}

/** The account of one queue message. `id` names the message: recording an entry again replaces it, never adds to it. */
export interface LedgerEntry {
  readonly id: string;
  readonly source: string;
  /** When the request was received, ms. */
  readonly timestamp: number;
  readonly tally: Tally;
  readonly examples: readonly DropExample[];
  /** What the message took of AWS before it was processed. */
  readonly usage?: UsageByWork;
  /**
   * What the commit took, with the first of its entries. Under a name of its own: the same messages committed again take
   * the same again.
   */
  readonly commit?: { readonly id: string; readonly usage: UsageByWork };
}

/** Totals of one source over a window. */
export interface SourceTally {
  readonly source: string;
  readonly messages: number;
  /** When the last message of the source was received, ms. */
  readonly lastReceived: number;
  readonly tally: Tally;
  /** At most a few for each reason, newest first. */
  readonly examples: readonly DropExample[];
}

export interface LedgerRecorder {
  record(tenant: string, entries: readonly LedgerEntry[]): Promise<void>;
}

export interface LedgerReader {
  /** Totals by source of the messages received in [mint, maxt], each counted once. */
  totals(tenant: string, mint: number, maxt: number): Promise<readonly SourceTally[]>;
}

/** The durable account of what came in and what became of it (nothing disappears silently). */
export interface Ledger extends LedgerRecorder, LedgerReader {}

export function newTally(): Tally {
  return {
    accepted: 0,
    selected: 0,
    unselected: 0,
    contextualized: 0,
    stored: 0,
    refused: {},
    dropped: {},
    exemplars: 0,
    metadata: 0,
  };
}

/** Adds `from` into `into`. */
export function addTally(into: Tally, from: Tally): void {
  for (const key of [
    'accepted',
    'selected',
    'unselected',
    'contextualized',
    'stored',
    'exemplars',
    'metadata',
  ] as const)
    into[key] += from[key];
  for (const reasons of ['refused', 'dropped'] as const) {
    for (const [reason, count] of Object.entries(from[reasons])) countReason(into[reasons], reason, count);
  }
}

/** Counts what happened, or takes it back: what was taken back altogether is not there. */
export function countReason(reasons: Record<string, number>, reason: string, count = 1): void {
  const sum = (reasons[reason] ?? 0) + count;
  if (sum === 0) delete reasons[reason];
  else reasons[reason] = sum;
}
