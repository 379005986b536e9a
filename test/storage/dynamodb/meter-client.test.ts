import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountingTable } from '../../../bench/counting-table.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { DynamoCompactable } from '../../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoLedger } from '../../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRegisters } from '../../../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { meterClient } from '../../../lib/storage/dynamodb/meter-client.ts';
import { RETENTION_CLASSES, type RetentionClass } from '../../../lib/storage/interface.ts';
import { newTally } from '../../../lib/storage/ledger.ts';
import { startDynalite } from './start-dynalite.ts';

const HOUR = 3600_000;
const START = Date.UTC(2025, 10, 22, 8, 0, 0);
const RETENTION = { normalised: { days: 2 }, derived: { days: 40 } };
const TENANTS = ['acme', 'zeta', 'a-b_c'];

/** What some tenant does. */
type Act = readonly [
  kind: 'write' | 'read' | 'account' | 'compact' | 'register',
  tenant: number,
  series: number,
  of: RetentionClass,
];

const act: fc.Arbitrary<Act> = fc.tuple(
  fc.constantFrom('write', 'read', 'account', 'compact', 'register'),
  fc.nat({ max: TENANTS.length - 1 }),
  fc.integer({ min: 1, max: 60 }),
  fc.constantFrom(...RETENTION_CLASSES),
);

describe('meterClient', () => {
  const dynalite = startDynalite();

  it('lets the tenants pay together exactly what the table counts, whatever they do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
        const table = new CountingTable();
        const { client, meter } = meterClient(table.client);
        const world = newWorld(client, table.tableName);
        for (const one of acts) await world.play(one);
        const taken = TENANTS.map((tenant) => meter.take(tenant));
        const { writeUnits, readUnits } = table.takeUsage();
        expect(sum(taken.map((one) => one.writeUnits))).toBe(writeUnits);
        expect(sum(taken.map((one) => one.readUnits))).toBe(readUnits);
        const idle = TENANTS.filter((_, i) => acts.every(([, tenant]) => tenant !== i));
        for (const tenant of idle) expect(taken[TENANTS.indexOf(tenant)]).toEqual(NOTHING);
        for (const tenant of TENANTS) expect(meter.take(tenant)).toEqual(NOTHING);
      }),
      { numRuns: 40 },
    );
  });

  it('knows what stays of what is written, by class', async () => {
    const table = new CountingTable();
    const { client, meter } = meterClient(table.client);
    const world = newWorld(client, table.tableName);
    await world.play(['write', 0, 50, 'derived']);
    const { kept } = meter.take('acme');
    expect(Object.keys(kept).sort()).toEqual(['blocks/derived', 'labels/derived']);
    const stored = table.stored((pk) => pk.includes('/samples/derived/'));
    // Beside the values: the names of the attributes, and the time of expiry.
    expect(kept['blocks/derived']).toBe(stored.bytes - stored.items * ('pkskdttl'.length + 6));
    await world.play(['compact', 0, 1, 'derived']);
    expect(Object.keys(meter.take('acme').kept)).toEqual(expect.arrayContaining(['chunks/derived']));
    await world.play(['account', 0, 1, 'derived']);
    expect(Object.keys(meter.take('acme').kept)).toEqual(['ledger']);
  });

  it('counts the state of a source as its tenant’s', async () => {
    const table = new CountingTable();
    const { client, meter } = meterClient(table.client);
    const registers = new DynamoRegisters({ client, tableName: table.tableName, now: () => START });
    await registers.replace('acme/query/lon', { area: 'a', name: 'n' }, 0, 1, 1);
    expect(meter.take('acme').writeUnits).toBe(1);
  });

  it('is told by what speaks the protocol of DynamoDB', async () => {
    const { client, meter } = meterClient(dynalite().client);
    const world = newWorld(client, dynalite().tableName);
    for (const kind of ['write', 'account', 'register'] as const) {
      await world.play([kind, 0, 40, 'derived']);
      expect([kind, meter.take('acme').writeUnits]).toEqual([kind, expect.toSatisfy((units: number) => units >= 1)]);
    }
    await world.play(['read', 0, 1, 'derived']);
    expect(meter.take('acme')).toMatchObject({ writeUnits: 0, readUnits: expect.toSatisfy((n: number) => n >= 1) });
  });

  it('passes on errors, and options of a call', async () => {
    const seen: unknown[] = [];
    const { client } = meterClient({
      send: async (...args: unknown[]) => {
        seen.push(args[1]);
        throw new Error('no table');
      },
    } as never);
    const registers = new DynamoRegisters({ client, tableName: 't', now: () => START });
    await expect(registers.read('acme', { area: 'a', name: 'n' })).rejects.toThrow('no table');
    expect(seen).toEqual([{}]);
  });
});

const NOTHING = { writeUnits: 0, readUnits: 0, kept: {} };

function newWorld(client: ReturnType<typeof meterClient>['client'], tableName: string) {
  let now = START;
  const table = { client, tableName, now: () => now, retention: RETENTION };
  const storage = new DynamoStorage(table);
  return {
    async play([kind, at, count, of]: Act): Promise<void> {
      const tenant = TENANTS[at] as string;
      now += 1000;
      if (kind === 'write') {
        const appender = storage.appender(tenant, of);
        for (let i = 0; i < count; i++) {
          appender.append(Labels.from({ __name__: 'm', i: String(i) }), { timestamp: now, value: i });
        }
        await appender.commit();
      } else if (kind === 'read') {
        await storage.querier(tenant).select({ mint: now - 5 * HOUR, maxt: now });
      } else if (kind === 'account') {
        const entry = { id: `m${now}`, source: 's', timestamp: now, tally: newTally(), examples: [] };
        await new DynamoLedger(table).record(tenant, [entry]);
      } else if (kind === 'register') {
        await new DynamoRegisters(table).replace(tenant, { area: 'a', name: `n${now}` }, 0, count, 1);
      } else {
        now += 3 * HOUR;
        const compactor = new DynamoCompactable(table).compactor(tenant, of);
        for (let { kind: done } = await compactor.step(); done !== 'idle'; { kind: done } = await compactor.step());
      }
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
