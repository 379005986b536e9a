import type { Labels } from '../model/labels.ts';
import { countReason, type DropExample, type LedgerEntry, type Tally } from '../storage/ledger.ts';

/** What is counted of one message while it is processed. */
export interface Account {
  readonly tally: Tally;
  readonly examples: DropExample[];
}

/** The same, to count on from. */
export function copyAccount({ tally, examples }: Pick<LedgerEntry, 'tally' | 'examples'>): Account {
  const { refused, dropped } = tally;
  return { tally: { ...tally, refused: { ...refused }, dropped: { ...dropped } }, examples: [...examples] };
}

const MAX_EXAMPLES_PER_REASON = 3;

/** Counts samples of a raw series that are not stored, and shows the first few series of a reason. */
export function drop(account: Account, count: number, raw: Labels, reason: string, detail: string): void {
  if (count === 0) return;
  countReason(account.tally.dropped, reason, count);
  exemplify(account, raw, reason, detail);
}

/** Shows what is not counted, because something was stored all the same. */
export function exemplify({ examples }: Account, raw: Labels, reason: string, detail: string): void {
  const known = examples.filter((example) => example.reason === reason).length;
  if (known < MAX_EXAMPLES_PER_REASON) examples.push({ reason, series: raw.toString().slice(0, 500), detail });
}
