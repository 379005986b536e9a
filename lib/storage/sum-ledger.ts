import { compareStrings } from '../model/compare-strings.ts';
import { addTally, type DropExample, type LedgerEntry, newTally, type SourceTally } from './ledger.ts';
import { withoutStaleParts } from './message-id.ts';

const EXAMPLES_PER_REASON = 5;

/** Totals by source, sorted by source, of entries in [mint, maxt] (ms); the caller gives each id once. */
export function sumLedger(entries: Iterable<LedgerEntry>, mint: number, maxt: number): SourceTally[] {
  const bySource = new Map<string, LedgerEntry[]>();
  for (const entry of withoutStaleParts(entries)) {
    if (entry.timestamp < mint || entry.timestamp > maxt) continue;
    const group = bySource.get(entry.source);
    if (group === undefined) bySource.set(entry.source, [entry]);
    else group.push(entry);
  }
  return [...bySource].sort(([a], [b]) => compareStrings(a, b)).map(([source, group]) => sumSource(source, group));
}

function sumSource(source: string, entries: LedgerEntry[]): SourceTally {
  entries.sort((a, b) => b.timestamp - a.timestamp || compareStrings(a.id, b.id));
  const tally = newTally();
  for (const entry of entries) addTally(tally, entry.tally);
  return {
    source,
    messages: entries.length,
    lastReceived: entries[0]?.timestamp ?? 0,
    tally,
    examples: firstOfEachReason(entries),
  };
}

function firstOfEachReason(entries: readonly LedgerEntry[]): DropExample[] {
  const kept = new Map<string, number>();
  return entries
    .flatMap((entry) => entry.examples)
    .filter(({ reason }) => {
      const count = (kept.get(reason) ?? 0) + 1;
      kept.set(reason, count);
      return count <= EXAMPLES_PER_REASON;
    });
}
