import { describe, expect, it } from 'vitest';
import { type Ledger, type LedgerEntry, newTally, type Tally } from '../../lib/storage/ledger.ts';
import { messageIds } from '../../lib/storage/message-id.ts';

export type LedgerFactory = (options: { readonly now: () => number }) => Promise<{ readonly open: () => Ledger }>;

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
const HOUR = 3600_000;

let tenants = 0;
function newTenant(): string {
  return `ledger-${process.pid}-${tenants++}`;
}

/** The contract of a ledger. Every adapter passes it. */
export function ledgerSuite(name: string, factory: LedgerFactory): void {
  describe(`${name}: the ledger`, () => {
    it('sums entries by source', async () => {
      const { open } = await factory({ now: () => NOW });
      const [ledger, tenant] = [open(), newTenant()];
      await ledger.record(tenant, [
        entry('1', 'shop', NOW - 1000, { accepted: 10, selected: 4, unselected: 6, dropped: { no_asserts_env: 1 } }),
        entry('2', 'shop', NOW - 3000, { accepted: 5, selected: 5, dropped: { no_asserts_env: 2, relabel_drop: 1 } }),
      ]);
      await ledger.record(tenant, [
        entry('3', 'edge', NOW - 2000, { accepted: 1, exemplars: 7, metadata: 2, refused: { too_old: 3 } }),
      ]);
      expect(await open().totals(tenant, NOW - HOUR, NOW)).toEqual([
        {
          source: 'edge',
          messages: 1,
          lastReceived: NOW - 2000,
          tally: { ...newTally(), accepted: 1, exemplars: 7, metadata: 2, refused: { too_old: 3 } },
          examples: [],
        },
        {
          source: 'shop',
          messages: 2,
          lastReceived: NOW - 1000,
          tally: {
            ...newTally(),
            accepted: 15,
            selected: 9,
            unselected: 6,
            dropped: { no_asserts_env: 3, relabel_drop: 1 },
          },
          examples: [],
        },
      ]);
    });

    it('counts a message once, however often it is recorded and with whatever other messages', async () => {
      const { open } = await factory({ now: () => NOW });
      const [ledger, tenant] = [open(), newTenant()];
      const [a, b, c] = ['a', 'b', 'c'].map((id) => entry(id, 'shop', NOW, { accepted: 1 })) as [
        LedgerEntry,
        LedgerEntry,
        LedgerEntry,
      ];
      for (const batch of [[a, b], [a, b], [b, c], [c]]) await ledger.record(tenant, batch);
      const [shop] = await open().totals(tenant, NOW, NOW);
      expect(shop).toMatchObject({ messages: 3, tally: { accepted: 3 } });
    });

    it('replaces the account of a message by a later one', async () => {
      let now = NOW;
      const { open } = await factory({ now: () => now });
      const [ledger, tenant] = [open(), newTenant()];
      await ledger.record(tenant, [entry('a', 'shop', NOW, { accepted: 5 })]);
      now += 1;
      await ledger.record(tenant, [entry('a', 'shop', NOW, { accepted: 7 })]);
      const [shop] = await open().totals(tenant, NOW, NOW);
      expect(shop).toMatchObject({ messages: 1, tally: { accepted: 7 } });
    });

    it('counts a request once that was cut into other parts when it was repeated', async () => {
      const { open } = await factory({ now: () => NOW });
      const [ledger, tenant] = [open(), newTenant()];
      const first = messageIds('r', [new Uint8Array(5), new Uint8Array(6)]);
      const second = messageIds('r', [new Uint8Array(7), new Uint8Array(4)]);
      const of = (id: string | undefined, timestamp: number, accepted: number, contextualized: number) =>
        entry(id ?? '', 'shop', timestamp, { accepted, contextualized });
      // Of the first attempt only one part was queued; the second was answered with success.
      await ledger.record(tenant, [of(first[1], NOW - 10, 0, 6)]);
      await ledger.record(tenant, [of(second[0], NOW - 5, 11, 7)]);
      await ledger.record(tenant, [of(second[1], NOW - 5, 0, 4), of('other-0', NOW, 1, 1)]);
      const [shop] = await open().totals(tenant, NOW - HOUR, NOW);
      expect(shop).toMatchObject({ messages: 3, tally: { accepted: 12, contextualized: 12 } });
    });

    it('keeps to inclusive bounds over many hours', async () => {
      const { open } = await factory({ now: () => NOW });
      const [ledger, tenant] = [open(), newTenant()];
      const times = Array.from({ length: 30 }, (_, i) => NOW - i * HOUR);
      await ledger.record(
        tenant,
        times.map((time, i) => entry(String(i), 'shop', time, { accepted: 1 })),
      );
      for (const [mint, maxt, messages] of [
        [NOW - 29 * HOUR, NOW, 30],
        [NOW - 2 * HOUR, NOW - HOUR, 2],
        [NOW - 2 * HOUR + 1, NOW - HOUR - 1, 0],
      ] as const) {
        const totals = await open().totals(tenant, mint, maxt);
        expect(totals.reduce((sum, one) => sum + one.messages, 0)).toBe(messages);
      }
    });

    it('keeps a few examples of each reason, newest first', async () => {
      const { open } = await factory({ now: () => NOW });
      const [ledger, tenant] = [open(), newTenant()];
      const entries = Array.from({ length: 20 }, (_, i) => ({
        ...entry(String(i), 'shop', NOW - i, {}),
        examples: [
          { reason: 'too_old', series: `up{i="${i}"}` },
          { reason: 'limit', series: `down{i="${i}"}`, detail: 'over' },
        ],
      }));
      await ledger.record(tenant, entries.toReversed());
      const [shop] = await open().totals(tenant, NOW - HOUR, NOW);
      const ofLimit = shop?.examples.filter(({ reason }) => reason === 'limit');
      expect(ofLimit?.[0]).toEqual({ reason: 'limit', series: 'down{i="0"}', detail: 'over' });
      expect(ofLimit?.length).toBeLessThanOrEqual(5);
      expect(shop?.examples.length).toBe(2 * (ofLimit?.length ?? 0));
    });

    it('keeps tenants apart and takes nothing for an answer', async () => {
      const { open } = await factory({ now: () => NOW });
      const tenant = newTenant();
      await open().record(tenant, []);
      await open().record(`${tenant}/ledger`, [entry('a', 'shop', NOW, { accepted: 1 })]);
      expect(await open().totals(tenant, 0, NOW)).toEqual([]);
    });

    it('is not changed by what happens to an entry after it was recorded', async () => {
      const { open } = await factory({ now: () => NOW });
      const [ledger, tenant] = [open(), newTenant()];
      const mutable = entry('a', 'shop', NOW, { accepted: 1 });
      await ledger.record(tenant, [mutable]);
      mutable.tally.accepted = 100;
      expect((await ledger.totals(tenant, NOW, NOW))[0]?.tally.accepted).toBe(1);
    });
  });
}

function entry(id: string, source: string, timestamp: number, tally: Partial<Tally>): LedgerEntry {
  return { id, source, timestamp, tally: { ...newTally(), ...tally }, examples: [] };
}
