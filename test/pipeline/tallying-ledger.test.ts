import { describe, expect, it } from 'vitest';
import { TallyingLedger } from '../../lib/pipeline/tallying-ledger.ts';
import { type LedgerEntry, newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';

const entry = (id: string, contextualized: number, dropped: Record<string, number>): LedgerEntry => ({
  id,
  source: 'prom',
  timestamp: 1000,
  tally: { ...newTally(), contextualized, dropped },
  examples: [],
});

describe('TallyingLedger', () => {
  it('adds up what it passes on', async () => {
    const ledger = new MemoryLedger();
    const tallying = new TallyingLedger(ledger);
    await tallying.record('acme', [entry('a', 2, { relabel_drop: 1 }), entry('b', 3, {})]);
    await tallying.record('other', [entry('a', 4, { relabel_drop: 2, no_asserts_env: 1 })]);
    expect(tallying.tally).toMatchObject({ contextualized: 9, dropped: { relabel_drop: 3, no_asserts_env: 1 } });
    expect(await ledger.totals('acme', 0, 2000)).toMatchObject([{ messages: 2, tally: { contextualized: 5 } }]);
  });

  it('counts nothing that could not be recorded', async () => {
    const tallying = new TallyingLedger({ record: () => Promise.reject(new Error('out of reach')) });
    await expect(tallying.record('acme', [entry('a', 2, {})])).rejects.toThrow('out of reach');
    expect(tallying.tally).toEqual(newTally());
  });
});
