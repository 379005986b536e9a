import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../lib/context/tenant.ts';
import { formatIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { lastUses, TokenUses } from '../../lib/pipeline/token-uses.ts';
import type { Envelope } from '../../lib/queue/interface.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { TEST_TENANTS } from '../receiver/test-tenants.ts';

const NOW = 1_795_000_000_000;
const HOUR = 3600_000;
const [acme, other] = TEST_TENANTS as readonly [Tenant, Tenant];
const [writer, reader] = acme.tokens as readonly [Tenant['tokens'][number], Tenant['tokens'][number]];

describe('TokenUses', () => {
  it('writes a use down, and another one only an hour later', async () => {
    const { uses, registers, counts } = fixture();
    for (const after of [0, 1, HOUR - 1, HOUR]) {
      uses.note(acme, writer, NOW + after);
      await uses.settled();
    }
    expect(counts.writes).toBe(2);
    const lastUse = await lastUses(registers, acme);
    expect([lastUse(writer), lastUse(reader)]).toEqual([NOW + HOUR, undefined]);
  });

  it('does not write what another instance wrote within the hour', async () => {
    const { registers, counts } = fixture();
    for (const after of [0, 1000, 2000]) {
      const uses = new TokenUses({ registers, log: { warn: () => {} } });
      uses.note(acme, writer, NOW + after);
      await uses.settled();
    }
    expect(counts.writes).toBe(1);
  });

  it('keeps tenants apart, and tokens of one name with different secrets', async () => {
    const { uses, registers } = fixture();
    uses.note(acme, writer, NOW);
    await uses.settled();
    const lastUse = await lastUses(registers, acme);
    expect(lastUse({ ...writer, sha256: 'f'.repeat(64) })).toBeUndefined();
    expect((await lastUses(registers, other))(writer)).toBeUndefined();
  });

  it('tells of a table that fails, and fails nobody', async () => {
    const told: unknown[] = [];
    const registers = new MemoryRegisters();
    registers.read = () => Promise.reject(new Error('no table'));
    const uses = new TokenUses({ registers, log: { warn: (_, { error }) => told.push(error) } });
    uses.note(acme, writer, NOW);
    await uses.settled();
    expect(told).toMatchObject([{ message: 'no table' }]);
  });

  it('does not keep a request waiting for a table that does not answer', async () => {
    const registers = new MemoryRegisters();
    registers.read = () => new Promise(() => {});
    const uses = new TokenUses({ registers, log: { warn: () => {} } });
    uses.note(acme, writer, NOW);
    const began = performance.now();
    await uses.settled();
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('reads from messages which token they were sent with', async () => {
    const { uses, registers } = fixture();
    const message = (tenant: string, token?: string) => ({
      envelope: {
        tenant,
        receivedAt: NOW,
        account: formatIntakeAccount({ tally: newTally(), examples: [], ...(token !== undefined && { token }) }),
      } as Envelope,
      body: new Uint8Array(),
    });
    const messages = [message('acme', writer.name), message('acme'), message('gone', 'x'), message('other', 'unknown')];
    uses.noteSenders(
      [...messages, { ...message('acme'), envelope: { account: 'no account' } as Envelope }],
      TEST_TENANTS,
    );
    await uses.settled();
    expect((await lastUses(registers, acme))(writer)).toBe(NOW);
  });
});

function fixture() {
  const registers = new MemoryRegisters();
  const counts = { writes: 0 };
  const replace = registers.replace.bind(registers);
  registers.replace = (...args) => {
    counts.writes++;
    return replace(...args);
  };
  return { registers, counts, uses: new TokenUses({ registers, log: { warn: () => {} } }) };
}
