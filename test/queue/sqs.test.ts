import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
  const target = { client, queueUrl };
  return {
    queue: new SqsQueue({
      get client() {
        return target.client;
      },
      queueUrl,
    }),
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
      target.client = new SQSClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    },
    mend: () => {
      target.client = client;
    },
    async close() {
      client.destroy();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('SqsQueue against answers of SQS', () => {
  const client = new SQSClient({});
  const sqs = mockClient(client);
  const pauses: number[] = [];
  const queue = new SqsQueue({
    client,
    queueUrl: 'http://sqs.test/1/raw',
    sleep: async (ms) => pauses.push(ms),
    random: () => 0.5,
  });

  beforeEach(() => {
    sqs.reset();
    pauses.length = 0;
  });
  afterEach(() => {
    for (const input of batches()) {
      expect(input.Entries?.length).toBeLessThanOrEqual(10);
      expect(bytesOf(input)).toBeLessThanOrEqual(MAX_SQS_BYTES);
    }
  });

  it('packs up to ten messages and one MiB into a call', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(allSucceed);
    const small = Array.from({ length: 23 }, (_, index) => message({ id: `s${index}` }));
    await queue.send(small);
    expect(batches().map(({ Entries }) => Entries?.length)).toEqual([10, 10, 3]);

    sqs.resetHistory();
    const body = new Uint8Array(300 * 1024);
    await queue.send([1, 2, 3, 4, 5].map((n) => ({ ...message({ id: `b${n}` }), body })));
    expect(batches().map(({ Entries }) => Entries?.length)).toEqual([2, 2, 1]);
  });

  it('sends again only the entries that failed for a passing reason', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .callsFakeOnce((input: SendMessageBatchCommandInput) => failing(input, ['1', '3'], 'InternalError', false))
      .callsFake(allSucceed);
    await queue.send([0, 1, 2, 3].map((n) => message({ id: `m${n}` })));
    expect(batches().map(idsOf)).toEqual([
      ['m0', 'm1', 'm2', 'm3'],
      ['m1', 'm3'],
    ]);
    expect(pauses).toEqual([25]);
  });

  it('gives up after a few attempts, with the code', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .callsFake((input: SendMessageBatchCommandInput) => failing(input, ['0'], 'InternalError', false));
    const sending = queue.send([message({ id: 'stuck' }), message({ id: 'fine' })]);
    await expect(sending).rejects.toThrow(QueueUnavailableError);
    await expect(sending).rejects.toThrow('cannot queue 1 of 2 messages: InternalError: try later');
    expect(batches()).toHaveLength(4);
    expect(pauses).toEqual([25, 50, 100]);
  });

  it('does not repeat what SQS calls the fault of the sender', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .callsFake((input: SendMessageBatchCommandInput) => failing(input, ['1'], 'InvalidMessageContents', true));
    await expect(queue.send([message({ id: 'a' }), message({ id: 'b' })])).rejects.toThrow(
      /cannot queue 1 of 2 messages: InvalidMessageContents/,
    );
    expect(batches()).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  it('takes silence about an entry for a failure', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: SendMessageBatchCommandInput) => ({
      Successful: Entries?.filter(({ Id }) => Id !== '0').map(({ Id }) => ({ Id })),
    }));
    await expect(queue.send([message(), message()])).rejects.toThrow(
      /1 of 2 messages: SQS did not answer for the entry/,
    );
  });

  it('finishes the other batches when one fails, and names the cause', async () => {
    sqs.on(SendMessageBatchCommand).callsFake((input: SendMessageBatchCommandInput) => {
      if (idsOf(input).includes('m0')) throw Object.assign(new Error('Rate exceeded'), { name: 'RequestThrottled' });
      return allSucceed(input);
    });
    const sending = queue.send(Array.from({ length: 25 }, (_, index) => message({ id: `m${index}` })));
    await expect(sending).rejects.toThrow('cannot queue 10 of 25 messages: RequestThrottled: Rate exceeded');
    await expect(sending).rejects.toMatchObject({ cause: { name: 'RequestThrottled' } });
    expect(batches()).toHaveLength(3);
  });

  function batches(): readonly SendMessageBatchCommandInput[] {
    return sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
  }
});

function allSucceed({ Entries = [] }: SendMessageBatchCommandInput) {
  return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
}

function failing({ Entries = [] }: SendMessageBatchCommandInput, ids: string[], Code: string, SenderFault: boolean) {
  const failed = Entries.filter(({ Id = '' }) => ids.includes(Id));
  return {
    Successful: Entries.filter((entry) => !failed.includes(entry)).map(({ Id }) => ({ Id })),
    Failed: failed.map(({ Id }) => ({ Id, Code, Message: 'try later', SenderFault })),
  };
}

function idsOf({ Entries = [] }: SendMessageBatchCommandInput): (string | undefined)[] {
  return Entries.map(({ MessageAttributes }) => MessageAttributes?.['id']?.StringValue);
}

/** SQS's own count, written apart from the code under test. */
function bytesOf({ Entries = [] }: SendMessageBatchCommandInput): number {
  let bytes = 0;
  for (const { MessageBody = '', MessageAttributes = {} } of Entries) {
    bytes += new TextEncoder().encode(MessageBody).length;
    for (const [name, { DataType = '', StringValue = '' }] of Object.entries(MessageAttributes)) {
      bytes += new TextEncoder().encode(name + DataType + StringValue).length;
    }
  }
  return bytes;
}
