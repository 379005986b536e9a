import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const MIB = 1024 * 1024;

describe('the local SQS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-sqs-'));
  let server: SqsServer;
  let client: SQSClient;
  let queueUrl = '';
  let count = 0;

  beforeAll(async () => {
    server = await startSqsServer({ folder });
    client = new SQSClient({ endpoint: server.url, maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    queueUrl = await createQueue(`queue-${++count}`);
  });

  describe('queues', () => {
    it('are created once, found by name, and show their attributes', async () => {
      const QueueName = `queue-${count}`;
      expect(queueUrl).toBe(`${server.url}/000000000000/${QueueName}`);
      expect(await createQueue(QueueName)).toBe(queueUrl);
      expect((await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(queueUrl);
      expect(await attributes(['VisibilityTimeout', 'QueueArn'])).toEqual({
        VisibilityTimeout: '30',
        QueueArn: `arn:aws:sqs:eu-west-1:000000000000:${QueueName}`,
      });
    });

    it('are not created again with other attributes, but can be changed', async () => {
      const create = createQueue(`queue-${count}`, { VisibilityTimeout: '5' });
      await expect(create).rejects.toMatchObject({ name: 'QueueNameExists' });
      await client.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { VisibilityTimeout: '5' } }));
      expect(await attributes(['VisibilityTimeout'])).toEqual({ VisibilityTimeout: '5' });
    });

    it.each([
      ['no_such.name', {}, 'InvalidParameterValue'],
      ['orders.fifo', {}, 'UnsupportedOperation'],
      ['odd', { Colour: 'red' }, 'InvalidAttributeName'],
      ['odd', { VisibilityTimeout: 'soon' }, 'InvalidAttributeValue'],
      ['odd', { RedrivePolicy: '{"maxReceiveCount":0}' }, 'InvalidAttributeValue'],
    ])('are refused when they make no sense: %s %o', async (name, wrong, error) => {
      await expect(createQueue(name, wrong)).rejects.toMatchObject({ name: error });
    });

    it('that do not exist are called so', async () => {
      const missing = `${server.url}/000000000000/missing`;
      await expect(client.send(new SendMessageCommand({ QueueUrl: missing, MessageBody: 'x' }))).rejects.toMatchObject({
        name: 'QueueDoesNotExist',
        message: 'The specified queue does not exist.',
      });
    });

    it('can be emptied', async () => {
      await send('a');
      await send('b');
      await receive();
      await client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
      expect(await counts()).toEqual(['0', '0']);
    });
  });

  describe('messages', () => {
    it('come with their attributes and what SQS knows of them', async () => {
      const before = Date.now();
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: 'héllo',
          MessageAttributes: {
            tenant: { DataType: 'String', StringValue: 'acme' },
            bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
          },
        }),
      );
      const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
      expect(message?.Body).toBe('héllo');
      expect(message?.MessageAttributes?.['tenant']).toEqual({ DataType: 'String', StringValue: 'acme' });
      expect(Array.from(message?.MessageAttributes?.['bytes']?.BinaryValue ?? [])).toEqual([0, 255]);
      expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: expect.any(String) });
      expect(Number(message?.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(before);
    });

    it('carry the attributes that were asked for only', async () => {
      const attribute = { DataType: 'String', StringValue: 'x' };
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: 'x',
          MessageAttributes: { 'a.one': attribute, 'a.two': attribute, b: attribute },
        }),
      );
      const [none] = await receive({ VisibilityTimeout: 0 });
      expect(none?.MessageAttributes).toBeUndefined();
      expect(none?.Attributes).toBeUndefined();
      const [some] = await receive({ MessageAttributeNames: ['a.*'] });
      expect(Object.keys(some?.MessageAttributes ?? {})).toEqual(['a.one', 'a.two']);
    });

    it('come at most ten at a time, oldest first', async () => {
      for (let index = 0; index < 12; index++) await send(`m${index}`);
      const first = await receive({ MaxNumberOfMessages: 10 });
      const second = await receive({ MaxNumberOfMessages: 10 });
      expect([...first, ...second].map(({ Body }) => Body)).toEqual(Array.from({ length: 12 }, (_, i) => `m${i}`));
      expect(first).toHaveLength(10);
    });

    it('may be delayed', async () => {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'later', DelaySeconds: 1 }));
      expect(await receive()).toEqual([]);
      const [message] = await receive({ WaitTimeSeconds: 3 });
      expect(message?.Body).toBe('later');
    });

    it('are refused with the reason', async () => {
      const refusals: [object, string][] = [
        [{ MessageBody: '' }, 'MissingParameter'],
        [{ MessageBody: 'bell\u0007' }, 'InvalidMessageContents'],
        [{ MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
        [attribute({ DataType: 'Text', StringValue: 'x' }), 'InvalidParameterValue'],
        [attribute({ DataType: 'String', StringValue: '' }), 'InvalidParameterValue'],
        [attribute({ DataType: 'String', StringValue: 'x\uffff' }), 'InvalidMessageContents'],
      ];
      for (const [input, name] of refusals) {
        const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '', ...input });
        await expect(client.send(command), JSON.stringify(input)).rejects.toMatchObject({ name });
      }
      expect(await counts()).toEqual(['0', '0']);
    });
  });

  describe('limits', () => {
    it('one MiB a message, attributes included', async () => {
      await send('x'.repeat(MIB));
      await expect(send('x'.repeat(MIB + 1))).rejects.toThrow(/must be shorter than 1048576 bytes/);
      const full = attribute({ DataType: 'String', StringValue: '12' });
      const MessageBody = 'x'.repeat(MIB - 'a'.length - 'String'.length - '12'.length);
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...full, MessageBody }));
      const over = new SendMessageCommand({ QueueUrl: queueUrl, ...full, MessageBody: `${MessageBody}x` });
      await expect(client.send(over)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    });

    it('one MiB and ten entries a batch', async () => {
      const half = 'x'.repeat(MIB / 2);
      await sendBatch([half, half]);
      await expect(sendBatch([half, `${half}x`])).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
      await expect(sendBatch(Array(11).fill('x'))).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
      await expect(sendBatch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
      await expect(sendBatch(['a', 'b'], () => 'same')).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
      await expect(sendBatch(['a'], () => 'not an id')).rejects.toMatchObject({ name: 'InvalidBatchEntryId' });
    });

    it('a refused entry fails alone', async () => {
      const { Successful, Failed } = await sendBatch(['good', 'bad\u0000', 'fine']);
      expect(Successful?.map(({ Id }) => Id)).toEqual(['0', '2']);
      expect(Failed).toEqual([
        { Id: '1', Code: 'InvalidMessageContents', Message: expect.any(String), SenderFault: true },
      ]);
      expect((await receive({ MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual(['good', 'fine']);
    });

    it('the ranges of a receive', async () => {
      await expect(receive({ MaxNumberOfMessages: 11 })).rejects.toThrow(/MaxNumberOfMessages.*between 1 and 10/);
      await expect(receive({ WaitTimeSeconds: 21 })).rejects.toThrow(/WaitTimeSeconds.*between 0 and 20/);
      await expect(receive({ VisibilityTimeout: 43_201 })).rejects.toThrow(/VisibilityTimeout/);
    });
  });

  describe('delivery', () => {
    it('hides a message from others until its time is up', async () => {
      await send('once');
      const [first] = await receive({ VisibilityTimeout: 1 });
      expect(first?.Body).toBe('once');
      expect(await receive()).toEqual([]);
      expect(await counts()).toEqual(['0', '1']);
      const [again] = await receive({ WaitTimeSeconds: 3, MessageSystemAttributeNames: ['All'] });
      expect(again?.MessageId).toBe(first?.MessageId);
      expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
      expect(again?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    });

    it('ends with a delete; a handle of an earlier delivery deletes nothing', async () => {
      await send('x');
      const [first] = await receive({ VisibilityTimeout: 0 });
      const [second] = await receive({ VisibilityTimeout: 30 });
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: first?.ReceiptHandle }));
      expect(await counts()).toEqual(['0', '1']);
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: second?.ReceiptHandle }));
      expect(await counts()).toEqual(['0', '0']);
      await expect(
        client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: 'invented' })),
      ).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    });

    it('deletes in batches, telling which failed', async () => {
      await sendBatch(['a', 'b']);
      const messages = await receive({ MaxNumberOfMessages: 2 });
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `d${index}`, ReceiptHandle }));
      const { Successful, Failed } = await client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: [...Entries, { Id: 'bad', ReceiptHandle: 'invented' }],
        }),
      );
      expect(Successful?.map(({ Id }) => Id)).toEqual(['d0', 'd1']);
      expect(Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([['bad', 'ReceiptHandleIsInvalid']]);
      expect(await counts()).toEqual(['0', '0']);
    });

    it('can be given back or held longer', async () => {
      await send('x');
      const [first] = await receive({ VisibilityTimeout: 30 });
      await changeVisibility(first, 0);
      const [second] = await receive({ VisibilityTimeout: 1 });
      expect(second?.Body).toBe('x');
      await changeVisibility(second, 30);
      await sleep(1100);
      expect(await receive()).toEqual([]);
      await expect(changeVisibility(first, 5)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    });

    it('goes to the dead letters after too many receives', async () => {
      const deadUrl = await createQueue(`dead-${count}`);
      const policy = { deadLetterTargetArn: `arn:aws:sqs:eu-west-1:000000000000:dead-${count}`, maxReceiveCount: 2 };
      queueUrl = await createQueue(`redriven-${count}`, { RedrivePolicy: JSON.stringify(policy) });
      await send('poison');
      const [first] = await receive({ VisibilityTimeout: 0 });
      await receive({ VisibilityTimeout: 0 });
      expect(await receive()).toEqual([]);
      expect(await counts()).toEqual(['0', '0']);
      const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: deadUrl }));
      expect(Messages?.map(({ Body, MessageId }) => [Body, MessageId])).toEqual([['poison', first?.MessageId]]);
    });
  });

  describe('long polls', () => {
    it('wait in vain for as long as they said', async () => {
      const started = Date.now();
      expect(await receive({ WaitTimeSeconds: 1 })).toEqual([]);
      expect(Date.now() - started).toBeGreaterThanOrEqual(990);
      expect(Date.now() - started).toBeLessThan(3000);
    });

    it('are woken by a message', async () => {
      const waiting = receive({ WaitTimeSeconds: 20 });
      await sleep(100);
      const started = Date.now();
      await send('wake up');
      expect((await waiting).map(({ Body }) => Body)).toEqual(['wake up']);
      expect(Date.now() - started).toBeLessThan(1000);
    });

    it('of several receivers share what comes', async () => {
      const waiting = [1, 2, 3].map(() => receive({ WaitTimeSeconds: 10, MaxNumberOfMessages: 1 }));
      await sleep(100);
      await sendBatch(['a', 'b', 'c']);
      const bodies = (await Promise.all(waiting)).flat().map(({ Body }) => Body);
      expect(bodies.sort()).toEqual(['a', 'b', 'c']);
    });

    it('of a receiver that has gone take nothing', async () => {
      const controller = new AbortController();
      const gone = client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }), {
        abortSignal: controller.signal,
      });
      await sleep(100);
      controller.abort();
      await expect(gone).rejects.toThrow();
      await sleep(50);
      await send('for the living');
      expect((await receive()).map(({ Body }) => Body)).toEqual(['for the living']);
    });
  });

  async function createQueue(QueueName: string, Attributes?: Record<string, string>): Promise<string> {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  }

  async function attributes(AttributeNames: string[]): Promise<Record<string, string> | undefined> {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: AttributeNames as 'All'[] });
    return (await client.send(command)).Attributes;
  }

  async function counts(): Promise<(string | undefined)[]> {
    const all = await attributes(['All']);
    return [all?.['ApproximateNumberOfMessages'], all?.['ApproximateNumberOfMessagesNotVisible']];
  }

  async function send(MessageBody: string): Promise<void> {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  }

  function sendBatch(bodies: readonly string[], id = (index: number) => String(index)) {
    const Entries = bodies.map((MessageBody, index) => ({ Id: id(index), MessageBody }));
    return client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }

  async function receive(input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, ...input }));
    return Messages;
  }

  function changeVisibility(message: Message | undefined, VisibilityTimeout: number) {
    const ReceiptHandle = message?.ReceiptHandle;
    return client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout }));
  }
});

describe('the folder of the local SQS', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  });

  it('survives a killed process: nothing that was answered is lost, and what was in flight comes back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-sqs-kill-'));
    const first = await startChild(folder);
    const client = new SQSClient({ endpoint: first.url, maxAttempts: 1 });
    const { QueueUrl: queueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'raw' }));
    const acknowledged = new Set<string>();
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'in flight' }));
    await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, VisibilityTimeout: 600 }));
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'done' }));
    const { Messages: [done] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: done?.ReceiptHandle }));

    const senders = [0, 1, 2, 3].map(async (sender) => {
      for (let index = 0; index < 10_000; index++) {
        const MessageBody = `${sender}-${index}-${'x'.repeat(1000)}`;
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
        acknowledged.add(MessageBody);
        if (acknowledged.size === 100) first.child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(senders);
    await first.ended;
    expect(acknowledged.size).toBeGreaterThanOrEqual(100);

    const second = await startChild(folder);
    const again = new SQSClient({ endpoint: second.url, maxAttempts: 1 });
    const { QueueUrl: sameUrl } = await again.send(new GetQueueUrlCommand({ QueueName: 'raw' }));
    const found = new Set<string | undefined>();
    const counts: (string | undefined)[] = [];
    for (;;) {
      const { Messages = [] } = await again.send(
        new ReceiveMessageCommand({ QueueUrl: sameUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
      );
      if (Messages.length === 0) break;
      for (const { Body, Attributes } of Messages) {
        found.add(Body);
        if (Body === 'in flight') counts.push(Attributes?.ApproximateReceiveCount);
      }
    }
    expect([...acknowledged].filter((body) => !found.has(body))).toEqual([]);
    expect(counts).toEqual(['2']);
    expect(found.has('done')).toBe(false);
    second.child.kill('SIGKILL');
    await second.ended;
    rmSync(folder, { recursive: true });
  });

  it('belongs to one process at a time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-sqs-lock-'));
    const { child, ended } = await startChild(folder);
    await expect(startSqsServer({ folder })).rejects.toMatchObject({ cause: { code: 'LEVEL_LOCKED' } });
    child.kill('SIGKILL');
    await ended;
    const server = await startSqsServer({ folder });
    await server.close();
    rmSync(folder, { recursive: true });
  });

  async function startChild(folder: string): Promise<{ url: string; child: ChildProcess; ended: Promise<unknown> }> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/local/sqs-child.ts', folder], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const ended = once(child, 'exit');
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { url, child, ended };
  }
});

function attribute(value: object): object {
  return { MessageBody: 'x', MessageAttributes: { a: value } };
}
