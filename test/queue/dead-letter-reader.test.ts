import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCallSqs } from '../../lib/queue/call-sqs.ts';
import { LETTERS_ANSWER_BYTES, SqsDeadLetterReader } from '../../lib/queue/dead-letter-reader.ts';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

describe('SqsDeadLetterReader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-letters-'));
  let server: SqsServer;
  let client: SQSClient;

  beforeAll(async () => {
    server = await startSqsServer({ folder });
    client = new SQSClient({ endpoint: server.url, region: 'eu-west-1', credentials: CREDENTIALS });
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function queueOf(bodies: readonly string[]): Promise<SqsDeadLetterReader> {
    const QueueName = `letters-${bodies.length}-${bodies[0]?.length ?? 0}`;
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName }));
    for (const MessageBody of bodies) {
      const MessageAttributes = { tenant: { DataType: 'String', StringValue: 'acme' } };
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    }
    const maxAnswerBytes = LETTERS_ANSWER_BYTES;
    const endpoint = { queueUrl: QueueUrl, region: 'eu-west-1', credentials: () => CREDENTIALS, maxAnswerBytes };
    return new SqsDeadLetterReader({ queueUrl: QueueUrl, call: newCallSqs(endpoint) });
  }

  it('sees every letter once, and nothing where there is none', async () => {
    const before = Date.now();
    const reader = await queueOf(Array.from({ length: 25 }, (_, i) => `body${i}`));
    const { letters, isComplete } = await reader.look();
    expect(isComplete).toBe(true);
    expect(letters.map(({ record }) => record.body).sort()).toEqual(
      Array.from({ length: 25 }, (_, i) => `body${i}`).sort(),
    );
    for (const { record, sentAt } of letters) {
      expect(record.messageAttributes['tenant']).toEqual({ stringValue: 'acme', dataType: 'String' });
      expect(Math.abs(sentAt - before)).toBeLessThan(60_000);
    }
    expect(await (await queueOf([])).look()).toEqual({ letters: [], isComplete: true });
  });

  it('leaves them there', async () => {
    const reader = await queueOf(['a', 'b', 'c']);
    expect((await reader.look()).letters).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await reader.look()).letters).toHaveLength(3);
  });

  it('reads ten of the largest at a time', async () => {
    const reader = await queueOf(Array.from({ length: 10 }, () => 'x'.repeat(1024 * 1024 - 100)));
    expect((await reader.look()).letters).toHaveLength(10);
  });

  it('looks at a bounded number of them, and says that there may be more', async () => {
    let calls = 0;
    const call = async () => {
      const Messages = Array.from({ length: 10 }, (_, i) => ({ MessageId: `${calls}-${i}`, Body: 'x' }));
      calls++;
      return JSON.stringify({ Messages });
    };
    const look = await new SqsDeadLetterReader({ queueUrl: 'http://127.0.0.1/q', call }).look();
    expect([look.letters.length, look.isComplete, calls]).toEqual([100, false, 10]);
  });

  it('is done although the queue shows the same letters again and again', async () => {
    const call = async () => JSON.stringify({ Messages: [{ MessageId: 'a', Body: 'x' }] });
    const look = await new SqsDeadLetterReader({ queueUrl: 'http://127.0.0.1/q', call }).look();
    expect([look.letters.length, look.isComplete]).toEqual([1, false]);
  });

  it('fails where the queue cannot be reached', async () => {
    const call = () => Promise.reject(new Error('gone'));
    await expect(new SqsDeadLetterReader({ queueUrl: 'http://127.0.0.1/q', call }).look()).rejects.toThrow(
      /cannot look at the dead letters: gone/,
    );
  });
});
