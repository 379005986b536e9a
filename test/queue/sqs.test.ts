import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newCallSqs, SqsCallError } from '../../lib/queue/call-sqs.ts';
import { QueueUnavailableError } from '../../lib/queue/interface.ts';
import { decodeSqsRecord, MAX_SQS_BYTES } from '../../lib/queue/message.ts';
import { SqsQueue } from '../../lib/queue/sqs.ts';
import { startSqsServer } from '../../local/sqs-server.ts';
import { message, queueSuite } from '../suites/queue.suite.ts';

queueSuite('SqsQueue', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-queue-'));
  const server = await startSqsServer({ folder });
  const client = new SQSClient({ endpoint: server.url, maxAttempts: 1 });
  const { QueueUrl: queueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'raw' }));
  const reach = (url: string) => newCallSqs({ queueUrl: url, region: 'eu-west-1', credentials: () => CREDENTIALS });
  const working = reach(queueUrl);
  const broken = reach('http://127.0.0.1:1/');
  let call = working;
  return {
    queue: new SqsQueue({ call: (...args) => call(...args), queueUrl, sleep: async () => {} }),
    async drain() {
      const messages = [];
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
        );
        if (Messages.length === 0) return messages;
        for (const { MessageId = '', Body = '', MessageAttributes = {}, ReceiptHandle } of Messages) {
          const messageAttributes = Object.fromEntries(
            Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, { stringValue: StringValue }]),
          );
          messages.push(decodeSqsRecord({ messageId: MessageId, body: Body, messageAttributes }));
          await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
        }
      }
    },
    breakDown: () => {
      call = broken;
    },
    mend: () => {
      call = working;
    },
    async close() {
      client.destroy();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
});

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A batch as the API names its parts. */
interface Batch {
  readonly QueueUrl: string;
  readonly Entries: readonly {
    readonly Id: string;
    readonly MessageBody: string;
    readonly MessageAttributes: Readonly<Record<string, { DataType: string; StringValue: string }>>;
  }[];
}

describe('SqsQueue against answers of SQS', () => {
  const batches: Batch[] = [];
  const pauses: number[] = [];
  let answers: ((batch: Batch) => unknown)[] = [];
  const queue = new SqsQueue({
    queueUrl: 'http://sqs.test/1/raw',
    call: async (action, body) => {
      expect(action).toBe('SendMessageBatch');
      const batch = JSON.parse(body) as Batch;
      batches.push(batch);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return JSON.stringify(answer?.(batch));
    },
    sleep: async (ms) => pauses.push(ms),
    random: () => 0.5,
  });

  beforeEach(() => {
    batches.length = 0;
    pauses.length = 0;
    answers = [allSucceed];
  });
  afterEach(() => {
    for (const batch of batches) {
      expect(batch.QueueUrl).toBe('http://sqs.test/1/raw');
      expect(batch.Entries.length).toBeLessThanOrEqual(10);
      expect(bytesOf(batch)).toBeLessThanOrEqual(MAX_SQS_BYTES);
    }
  });

  it('packs up to ten messages and one MiB into a call', async () => {
    const small = Array.from({ length: 23 }, (_, index) => message({ id: `s${index}` }));
    await queue.send(small);
    expect(batches.map(({ Entries }) => Entries.length)).toEqual([10, 10, 3]);

    batches.length = 0;
    const body = new Uint8Array(300 * 1024);
    await queue.send([1, 2, 3, 4, 5].map((n) => ({ ...message({ id: `b${n}` }), body })));
    expect(batches.map(({ Entries }) => Entries.length)).toEqual([2, 2, 1]);
  });

  it('sends again only the entries that failed for a passing reason', async () => {
    answers = [(batch) => failing(batch, ['1', '3'], 'InternalError', false), allSucceed];
    await queue.send([0, 1, 2, 3].map((n) => message({ id: `m${n}` })));
    expect(batches.map(idsOf)).toEqual([
      ['m0', 'm1', 'm2', 'm3'],
      ['m1', 'm3'],
    ]);
    expect(pauses).toEqual([25]);
  });

  it('gives up after a few attempts, with the code', async () => {
    answers = [(batch) => failing(batch, ['0'], 'InternalError', false)];
    const sending = queue.send([message({ id: 'stuck' }), message({ id: 'fine' })]);
    await expect(sending).rejects.toThrow(QueueUnavailableError);
    await expect(sending).rejects.toThrow('cannot queue 1 of 2 messages: InternalError: try later');
    expect(batches).toHaveLength(4);
    expect(pauses).toEqual([25, 50, 100]);
  });

  it('does not repeat what SQS calls the fault of the sender', async () => {
    answers = [(batch) => failing(batch, ['1'], 'InvalidMessageContents', true)];
    await expect(queue.send([message({ id: 'a' }), message({ id: 'b' })])).rejects.toThrow(
      /cannot queue 1 of 2 messages: InvalidMessageContents/,
    );
    expect(batches).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  it('takes silence about an entry for a failure', async () => {
    answers = [({ Entries }) => ({ Successful: Entries.filter(({ Id }) => Id !== '0').map(({ Id }) => ({ Id })) })];
    await expect(queue.send([message(), message()])).rejects.toThrow(
      /1 of 2 messages: SQS did not answer for the entry/,
    );
  });

  it('finishes the other batches when one fails, and names the cause', async () => {
    answers = [
      (batch) => {
        if (idsOf(batch).includes('m0')) throw new SqsCallError('AccessDenied', 'not allowed', false);
        return allSucceed(batch);
      },
    ];
    const sending = queue.send(Array.from({ length: 25 }, (_, index) => message({ id: `m${index}` })));
    await expect(sending).rejects.toThrow('cannot queue 10 of 25 messages: AccessDenied: not allowed');
    await expect(sending).rejects.toMatchObject({ cause: { name: 'AccessDenied' } });
    expect(batches).toHaveLength(3);
  });

  it('repeats a call that failed for a passing reason, and says so when it never succeeds', async () => {
    const throttled = () => {
      throw new SqsCallError('RequestThrottled', 'Rate exceeded', true);
    };
    answers = [throttled, throttled, allSucceed];
    await queue.send([message()]);
    expect(batches).toHaveLength(3);
    answers = [throttled];
    await expect(queue.send([message()])).rejects.toThrow(
      'cannot queue 1 of 1 messages: RequestThrottled: Rate exceeded',
    );
    expect(batches).toHaveLength(7);
  });
});

function allSucceed({ Entries }: Batch) {
  return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
}

function failing({ Entries }: Batch, ids: string[], Code: string, SenderFault: boolean) {
  const failed = Entries.filter(({ Id }) => ids.includes(Id));
  return {
    Successful: Entries.filter((entry) => !failed.includes(entry)).map(({ Id }) => ({ Id })),
    Failed: failed.map(({ Id }) => ({ Id, Code, Message: 'try later', SenderFault })),
  };
}

function idsOf({ Entries }: Batch): (string | undefined)[] {
  return Entries.map(({ MessageAttributes }) => MessageAttributes['id']?.StringValue);
}

/** SQS's own count, written apart from the code under test. */
function bytesOf({ Entries }: Batch): number {
  let bytes = 0;
  for (const { MessageBody, MessageAttributes } of Entries) {
    bytes += new TextEncoder().encode(MessageBody).length;
    for (const [name, { DataType, StringValue }] of Object.entries(MessageAttributes)) {
      bytes += new TextEncoder().encode(name + DataType + StringValue).length;
    }
  }
  return bytes;
}
