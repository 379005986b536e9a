import { describe, expect, it } from 'vitest';
import { messageUsage } from '../../lib/pipeline/message-usage.ts';
import { encodeMessage, sqsBytes } from '../../lib/queue/message.ts';
import { newTally } from '../../lib/storage/ledger.ts';

const ACCOUNT = { tally: newTally(), examples: [], token: 'shop' };

describe('messageUsage', () => {
  it.each([1, 30_000, 48_000, 49_500, 200_000, 700_000])('bills a body of %d bytes as SQS counts it', (length) => {
    const message = messageOf(length);
    const chunks = Math.ceil(sqsBytes(encodeMessage(message)) / 65_536);
    const { remoteWrite, contextualize } = messageUsage(message, ACCOUNT, 'remote_write');
    expect(remoteWrite?.queueRequests).toBe(chunks);
    expect(contextualize?.queueRequests).toBeLessThanOrEqual(chunks + 0.2);
    expect(contextualize?.queueRequests).toBeGreaterThanOrEqual(0.2);
  });

  it('counts a request with the message that carries its account, and only with that', () => {
    const message = messageOf(100);
    const first = messageUsage(message, { ...ACCOUNT, ms: 75 }, 'remote_write');
    expect(first.remoteWrite).toMatchObject({ requests: 1, invocations: 1, seconds: 0.1 });
    const { token: _, ...another } = ACCOUNT;
    expect(messageUsage(message, another, 'remote_write').remoteWrite).toMatchObject({ requests: 0, invocations: 0 });
  });

  it('knows what was fetched from what was sent', () => {
    const { token: _, ...fetched } = ACCOUNT;
    const usage = messageUsage(messageOf(100), fetched, 'federation');
    expect([usage.federation?.queueRequests, usage.remoteWrite]).toEqual([1, undefined]);
  });
});

function messageOf(length: number) {
  const envelope = { id: 'a'.repeat(34), tenant: 'acme', source: 'shop', plan: 'plan-1', receivedAt: 1, account: '{}' };
  return { envelope, body: new Uint8Array(length) };
}
