import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type LiveBill, liveBill, MEMORY_GB, oldestBilled } from '../../lib/cost/live-bill.ts';
import { PRICES } from '../../lib/cost/prices.ts';
import { DynamoUsageReader } from '../../lib/storage/dynamodb/dynamo-usage-reader.ts';
import { newUsage, type Usage, WORKS } from '../../lib/storage/usage.ts';
import { START, simulateRun, TENANTS } from './simulated-run.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const KEPT = { normalised: { days: 2 }, derived: { days: 400 }, alerts: { days: 400 } };
const WINDOW = { mint: START, maxt: START + 2 * HOUR - 1 };

describe('liveBill', () => {
  it('bills each unit at its price, and says which of them are estimates', () => {
    const usage = {
      remoteWrite: taken({ requests: 2e6, invocations: 2e6, seconds: 1e5, queueRequests: 3e6 }),
      contextualize: taken({ writeUnits: 4e6, readUnits: 8e6 }),
    };
    const { terms, total } = liveBill([{ hour: START, usage }], WINDOW, KEPT);
    expect(terms.map(({ term, dollars, isEstimate }) => [term, Number(dollars.toFixed(6)), isEstimate])).toEqual([
      ['remoteWrite requests', 2, false],
      ['remoteWrite invocations', 0.4, false],
      ['remoteWrite compute', 0.66667, true],
      ['remoteWrite logs', 0.5, true],
      ['remoteWrite queue', 1.2, true],
      ['contextualize writes', 2.5, false],
      ['contextualize reads', 1, false],
    ]);
    for (const { units, price, dollars } of terms) expect(dollars).toBe(units * price);
    expect(total).toBeCloseTo(8.26667, 5);
  });

  it('leaves out hours beside the window, and everything where there is nothing', () => {
    const usage = { evaluate: taken({ writeUnits: 5 }) };
    const hours = [-1, 0, 1, 2].map((hour) => ({ hour: START + hour * HOUR, usage }));
    expect(liveBill(hours, WINDOW, KEPT).terms.map(({ units }) => units)).toEqual([10]);
    expect(liveBill([], WINDOW, KEPT)).toEqual({ terms: [], total: 0 });
  });

  it('bills what is stored for the hours it lies there', () => {
    const kept = (hour: number, of: Usage['kept']) => ({
      hour: START + hour * HOUR,
      usage: { compact: taken({ kept: of }) },
    });
    const stored = (...hours: ReturnType<typeof kept>[]) => gbHoursOf(liveBill(hours, WINDOW, KEPT));
    expect(stored(kept(0, { 'chunks/derived': 1e9 }))).toBeCloseTo(2, 9);
    expect(stored(kept(1, { 'chunks/derived': 1e9 }))).toBeCloseTo(1, 9);
    expect(stored(kept(-300 * 24, { 'labels/derived': 1e9 }))).toBeCloseTo(2, 9);
    expect(stored(kept(-401 * 24, { 'chunks/derived': 1e9 }))).toBe(0);
    // Two days and one more, of which an hour lies in the window.
    expect(stored(kept(-3 * 24 + 1, { 'blocks/normalised': 1e9 }))).toBeCloseTo(1, 9);
    expect(stored(kept(0, { 'blocks/derived': 1e9 }))).toBe(0);
    expect(stored(kept(0, { ledger: 5e8 }), kept(-20 * 24, { ledger: 1e9 }))).toBeCloseTo(1, 9);
    expect(oldestBilled(WINDOW, KEPT)).toBe(START - 401 * DAY);
  });

  it('knows the memory of every function of serverless.yml', () => {
    const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
    for (const work of WORKS) {
      const [, size] = new RegExp(`^  ${work}:\\n(?:    .*\\n)*?    memorySize: (\\d+)$`, 'm').exec(text) ?? [];
      expect([work, MEMORY_GB[work]]).toEqual([work, Number(size) / 1024]);
    }
  });
});

describe('a simulated run', () => {
  it('is billed to its tenants to the unit: together they pay what the table counts', async () => {
    const run = await simulateRun(165);
    await run.settle();
    const total = run.table.takeUsage();
    const reader = new DynamoUsageReader({ client: run.table.client, tableName: 'bench', now: run.now });
    // The first request came a moment before.
    const window = { mint: START - HOUR, maxt: run.now() };
    const bills = await Promise.all(
      TENANTS.map(async ({ name }) => liveBill(await reader.hours(name, 0, window.maxt), window, KEPT)),
    );
    // What the last record of each function took is not in any record yet.
    const open = TENANTS.flatMap(({ name }) => run.meters.map((meter) => meter.take(name)));
    const units = (ending: string) => sum(bills.map((bill) => unitsOf(bill, ending)));
    expect(units(' writes') + sum(open.map(({ writeUnits }) => writeUnits))).toBeCloseTo(total.writeUnits, 6);
    expect(units(' reads') + sum(open.map(({ readUnits }) => readUnits))).toBeCloseTo(total.readUnits, 6);
    expect(sum(open.map(({ writeUnits }) => writeUnits))).toBeLessThanOrEqual(open.length);
    const { counted } = run;
    expect(units('remoteWrite requests')).toBe(counted.requests);
    expect(units('remoteWrite queue')).toBe(counted.sent);
    // Batches that came again took the same again, but what was sent was sent once.
    expect(units('contextualize invocations')).toBeCloseTo(counted.batches, 6);
    expect(units('evaluate invocations')).toBeCloseTo(counted.evaluations, 6);
    expect(units('compact invocations')).toBeCloseTo(counted.compactions, 6);
    expect(units('api requests')).toBe(counted.answers);
    expect(units('remoteWrite compute')).toBeCloseTo(counted.requests * 0.045 * 0.5, 6);
    const [acme, zeta, idle] = bills.map(({ total: dollars }) => dollars) as [number, number, number];
    expect(acme).toBeGreaterThan(zeta);
    expect(zeta).toBeGreaterThan(idle);
    expect(acme + zeta + idle).toBeCloseTo(sum(bills.flatMap(({ terms }) => terms.map(({ dollars }) => dollars))), 12);
  }, 60_000);

  it('knows what it stores', async () => {
    const run = await simulateRun(60);
    const reader = new DynamoUsageReader({ client: run.table.client, tableName: 'bench', now: run.now });
    const end = run.now();
    let known = 0;
    for (const { name } of TENANTS) {
      const hours = await reader.hours(name, 0, end);
      known += gbHoursOf(liveBill(hours, { mint: end, maxt: end + HOUR - 1 }, { ...KEPT, derived: { days: 5 } })) * 1e9;
    }
    const stored = run.table.stored((pk) => /\/(samples|chunks|labels|ledger|usage)\//.test(pk));
    // Beside the values, DynamoDB counts names of attributes and the time of expiry; the last account is not known yet.
    expect(known / (stored.bytes - stored.items * 14)).toBeGreaterThan(0.95);
    expect(known / (stored.bytes - stored.items * 14)).toBeLessThan(1.05);
  }, 60_000);
});

function taken(part: Partial<Usage>): Usage {
  return { ...newUsage(), ...part };
}

function gbHoursOf({ terms }: LiveBill): number {
  const [stored] = terms.filter(({ term }) => term === 'stored');
  expect([stored?.price ?? PRICES.tablePerGbMonth, stored?.isEstimate ?? true]).toEqual([PRICES.tablePerGbMonth, true]);
  return (stored?.units ?? 0) * 720;
}

function unitsOf({ terms }: LiveBill, ending: string): number {
  return sum(terms.filter(({ term }) => term.endsWith(ending)).map(({ units }) => units));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
