import { describe, expect, it } from 'vitest';
import { costFigures } from '../../lib/pipeline/cost-figures.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { newUsage, type UsageReader } from '../../lib/storage/usage.ts';
import { tenantWithTokens } from '../api/fixture.ts';

const HOUR = 3600_000;
const MINUTE = 60_000;
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };
const ACME = tenantWithTokens('acme');
/** The second hour of December. */
const NOW = Date.UTC(2025, 11, 1, 1, 30, 0);

function newWorld() {
  const ledger = new MemoryLedger();
  let [id, reads, fault] = [0, 0, undefined as Error | undefined];
  const reader: UsageReader = {
    hours: async (...args) => {
      reads++;
      if (fault !== undefined) throw fault;
      return ledger.hours(...args);
    },
  };
  return {
    figures: costFigures(reader, RETENTION),
    take: (timestamp: number, writeUnits: number) =>
      ledger.recordUsage('acme', {
        id: String(id++),
        timestamp,
        usage: { evaluate: { ...newUsage(), writeUnits } },
      }),
    reads: () => reads,
    fail: (error: Error | undefined) => {
      fault = error;
    },
  };
}

describe('costFigures', () => {
  it('are dollars and units since the month began, as of the last hour that is added up', async () => {
    const { figures, take } = newWorld();
    await take(NOW - 2 * HOUR, 4e6);
    await take(NOW - HOUR, 1e6);
    await take(NOW, 1e6);
    expect(await figures.of(ACME, NOW + HOUR)).toEqual([
      {
        name: 'tributary_cost_usd_total',
        type: 'counter',
        help: expect.stringContaining('US dollars'),
        labels: { term: 'evaluate_writes' },
        value: 0.625,
      },
      {
        name: 'tributary_cost_units_total',
        type: 'counter',
        help: expect.stringContaining('Units'),
        labels: { term: 'evaluate_writes', unit: 'write_units' },
        value: 1e6,
      },
    ]);
    expect((await figures.of(ACME, NOW + 2 * HOUR)).map(({ value }) => value)).toEqual([1.25, 2e6]);
    // The last hour of November is still November's.
    expect((await figures.of(ACME, NOW)).map(({ value }) => value)).toEqual([2.5, 4e6]);
    expect(figures.names).toEqual(['tributary_cost_usd_total', 'tributary_cost_units_total']);
  });

  it('are read once an hour for each tenant, and again where that failed', async () => {
    const { figures, take, reads, fail } = newWorld();
    await take(NOW - HOUR, 1);
    for (let minute = 0; minute < 29; minute++) await figures.of(ACME, NOW + HOUR + minute * MINUTE);
    expect(reads()).toBe(1);
    await figures.of(tenantWithTokens('other'), NOW + HOUR);
    expect(reads()).toBe(2);
    fail(new Error('the table is away'));
    await expect(figures.of(ACME, NOW + 3 * HOUR)).rejects.toThrow('away');
    fail(undefined);
    expect(await figures.of(ACME, NOW + 3 * HOUR)).toHaveLength(2);
  });

  it('never fall within a month, be storage ever so changing', async () => {
    const ledger = new MemoryLedger();
    const kept = { ...newUsage(), kept: { 'blocks/normalised': 1e12 } };
    await ledger.recordUsage('acme', { id: 'a', timestamp: NOW, usage: { contextualize: kept } });
    const figures = costFigures(ledger, RETENTION);
    let last = 0;
    for (let hour = 2; hour < 30 * 24; hour += 5) {
      const stored = (await figures.of(ACME, NOW + hour * HOUR)).find(
        ({ name, labels }) => name.includes('usd') && labels['term'] === 'stored',
      );
      expect(stored?.value).toBeGreaterThanOrEqual(last);
      last = stored?.value ?? 0;
    }
    // Three days of a terabyte.
    expect(last).toBeCloseTo((1000 * 0.25 * 72) / 720, 1);
  });
});
