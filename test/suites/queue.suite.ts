import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  MAX_MESSAGE_BODY_BYTES,
  type Queue,
  type QueueMessage,
  QueueUnavailableError,
} from '../../lib/queue/interface.ts';

/** One implementation under test. */
export interface QueueHarness {
  readonly queue: Queue;
  /** Takes out everything that was sent, as the worker would see it. */
  drain(): Promise<readonly QueueMessage[]>;
  /** Makes the queue unreachable until `mend`. */
  breakDown(): Promise<void> | void;
  mend(): Promise<void> | void;
  close(): Promise<void> | void;
}

/** What every queue promises, whatever it stands on. */
export function queueSuite(name: string, start: () => Promise<QueueHarness>): void {
  describe(`queue contract: ${name}`, () => {
    let harness: QueueHarness;

    beforeAll(async () => {
      harness = await start();
    });
    afterAll(async () => {
      await harness.close();
    });
    beforeEach(async () => {
      await harness.drain();
    });

    it('sends nothing for no messages', async () => {
      await harness.queue.send([]);
      expect(await harness.drain()).toEqual([]);
    });

    it('carries any envelope and any bytes unchanged', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyMessage, { minLength: 1, maxLength: 4 }), async (messages) => {
          await harness.queue.send(messages);
          expect(byContent(await harness.drain())).toEqual(byContent(messages));
        }),
        { numRuns: 40 },
      );
    });

    it('carries more messages than one batch holds, each once', async () => {
      const messages = Array.from({ length: 37 }, (_, index) => message({ id: `m-${index}` }));
      await harness.queue.send(messages);
      const ids = (await harness.drain()).map(({ envelope }) => envelope.id);
      expect(ids.sort()).toEqual(messages.map(({ envelope }) => envelope.id).sort());
    });

    it('carries several of the largest messages in one call', async () => {
      const body = new Uint8Array(MAX_MESSAGE_BODY_BYTES).map((_, index) => (index * 31) % 256);
      await harness.queue.send([1, 2, 3].map((n) => ({ ...message({ id: `big-${n}` }), body })));
      const received = await harness.drain();
      expect(received).toHaveLength(3);
      for (const { body: got } of received) expect(Buffer.compare(Buffer.from(got), Buffer.from(body))).toBe(0);
    });

    it('carries characters in an account that SQS itself refuses', async () => {
      const account = JSON.stringify({ series: 'a{b="\u0001\ufffe\uffff\ud800 \u{1f600}"}' }).replace(
        '\\u0001',
        '\u0001',
      );
      await harness.queue.send([message({ account })]);
      const [received] = await harness.drain();
      expect(JSON.parse(received?.envelope.account ?? '')).toEqual({
        series: 'a{b="\u0001\ufffe\uffff\ud800 \u{1f600}"}',
      });
    });

    it('refuses as a bug what no queue could carry', async () => {
      const body = new Uint8Array(MAX_MESSAGE_BODY_BYTES + 1);
      await expect(harness.queue.send([{ ...message({ id: 'huge' }), body }])).rejects.toThrow(
        /BUG: message huge has a body of 716801 bytes/,
      );
      await expect(harness.queue.send([message({ id: 'x', tenant: '' })])).rejects.toThrow(/BUG: .*empty tenant/);
      const account = `"${'a'.repeat(1024 * 1024)}"`;
      await expect(harness.queue.send([message({ id: 'fat', account })])).rejects.toThrow(
        /BUG: message fat is \d+ bytes/,
      );
      expect(await harness.drain()).toEqual([]);
    });

    it('says so when it is unavailable, and works again afterwards', async () => {
      await harness.breakDown();
      await expect(harness.queue.send([message({ id: 'lost?' })])).rejects.toThrow(QueueUnavailableError);
      await expect(harness.queue.send([message({ id: 'lost?' })])).rejects.toThrow(/cannot queue 1 /);
      await harness.mend();
      await harness.queue.send([message({ id: 'after' })]);
      expect((await harness.drain()).map(({ envelope }) => envelope.id)).toContain('after');
    });
  });
}

/** A message with everything filled in. */
export function message(envelope: Partial<QueueMessage['envelope']> = {}): QueueMessage {
  return {
    envelope: {
      id: 'id-1',
      tenant: 'acme',
      source: 'prometheus',
      plan: 'a1b2c3',
      receivedAt: 1_790_000_000_000,
      account: '{"accepted":2}',
      ...envelope,
    },
    body: new Uint8Array([0, 1, 2, 254, 255]),
  };
}

/** Texts that SQS attributes may hold: names come from our configuration, so control characters never do. */
const anyName = fc
  .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
  .filter((text) => !/[\p{Cc}\ufffe\uffff]/u.test(text));

const anyMessage: fc.Arbitrary<QueueMessage> = fc.record({
  envelope: fc.record({
    id: fc.uuid(),
    tenant: anyName,
    source: anyName,
    plan: anyName,
    receivedAt: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    account: fc.json().filter((text) => text !== ''),
  }),
  body: fc.uint8Array({ minLength: 1, maxLength: 300 }),
});

function byContent(messages: readonly QueueMessage[]): readonly string[] {
  return messages
    .map(({ envelope, body }) =>
      JSON.stringify({ ...envelope, account: JSON.parse(envelope.account), body: Buffer.from(body).toString('hex') }),
    )
    .sort();
}
