import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventSource, type QueueHandler } from '../../local/event-source.ts';
import type { QueueMapping } from '../../local/serverless-file.ts';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';

describe('EventSource', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-source-'));
  const queueArn = 'arn:aws:sqs:eu-west-1:000000000000:raw';
  const errors: unknown[] = [];
  let server: SqsServer;
  let client: SQSClient;
  let queueUrl = '';
  let source: EventSource | undefined;

  beforeAll(async () => {
    server = await startSqsServer({ folder });
    client = new SQSClient({ endpoint: server.url, maxAttempts: 1 });
    const Attributes = { VisibilityTimeout: '2' };
    queueUrl = (await client.send(new CreateQueueCommand({ QueueName: 'raw', Attributes }))).QueueUrl ?? '';
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    errors.length = 0;
    await client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
  });
  afterEach(async () => {
    await source?.stop();
  });

  it('makes the event that Lambda makes', async () => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: 'hello',
        MessageAttributes: { tenant: { DataType: 'String', StringValue: 'acme' } },
      }),
    );
    const [event] = await run(async () => ({ batchItemFailures: [] }));
    expect(event?.Records).toEqual([
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {
          tenant: { stringValue: 'acme', dataType: 'String', stringListValues: [], binaryListValues: [] },
        },
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: 'aws:sqs',
        eventSourceARN: queueArn,
        awsRegion: 'eu-west-1',
      },
    ]);
    expect(await remaining()).toBe(0);
  });

  it('gathers what comes within the window, up to the batch size', async () => {
    const events = record(async () => undefined, { batchSize: 15, windowSeconds: 1 });
    await sleep(50);
    for (let index = 0; index < 20; index++) await send(`m${index}`);
    await vi.waitFor(() => expect(bodies(events)).toHaveLength(20), 10_000);
    expect(events.map(({ Records }) => Records.length)).toEqual([15, 5]);
  });

  it('deletes what succeeded and delivers again what was reported', async () => {
    for (const body of ['good', 'bad', 'fine']) await send(body);
    let deliveries = 0;
    const handler: QueueHandler = async ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad' && ++deliveries < 3).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    });
    const events = record(handler, { windowSeconds: 0 });
    await vi.waitFor(() => expect(deliveries).toBe(3), 10_000);
    await vi.waitFor(async () => expect(await remaining()).toBe(0));
    expect(bodies(events).sort()).toEqual(['bad', 'bad', 'bad', 'fine', 'good']);
    expect(bodies(events.slice(0, 1))).toContain('bad');
    expect(events.at(-1)?.Records[0]?.attributes.ApproximateReceiveCount).toBe('3');
    expect(errors).toEqual([]);
  });

  it('deletes nothing when the handler throws', async () => {
    await send('x');
    let calls = 0;
    record(async () => {
      if (++calls === 1) throw new Error('out of memory');
      return undefined;
    });
    await vi.waitFor(() => expect(calls).toBe(2), 10_000);
    expect(errors).toEqual([new Error('out of memory')]);
    await vi.waitFor(async () => expect(await remaining()).toBe(0));
  });

  it('gives up an invocation whose time is up, and delivers its messages again', async () => {
    await send('x');
    let calls = 0;
    record(() => (++calls === 1 ? new Promise(() => {}) : Promise.resolve(undefined)), { timeoutMs: 200 });
    await vi.waitFor(() => expect(calls).toBe(2), 10_000);
    expect(errors).toEqual([new Error('contextualize was given up after 200 ms')]);
    await vi.waitFor(async () => expect(await remaining()).toBe(0));
  });

  it.each([
    ['an unknown id', [{ itemIdentifier: 'nobody' }]],
    ['an empty id', [{ itemIdentifier: '' }]],
    ['another key', [{ messageId: 'x' }]],
  ])('takes a report with %s for the failure of all', async (_, failures) => {
    await send('x');
    let calls = 0;
    record(async () => (++calls === 1 ? ({ batchItemFailures: failures } as SQSBatchResponse) : undefined));
    await vi.waitFor(() => expect(calls).toBe(2), 10_000);
  });

  it('does not look at the answer of a function that reports nothing', async () => {
    await send('x');
    await run(async ({ Records }) => ({ batchItemFailures: [{ itemIdentifier: Records[0]?.messageId ?? '' }] }), {
      reportsFailures: false,
    });
    expect(await remaining()).toBe(0);
  });

  it('closes a batch before it outgrows an event', async () => {
    for (let index = 0; index < 9; index++) await send('x'.repeat(1_000_000));
    const events = record(async () => undefined, { batchSize: 100, windowSeconds: 1, maximumConcurrency: 1 });
    await vi.waitFor(() => expect(bodies(events)).toHaveLength(9), 15_000);
    expect(events.length).toBeGreaterThan(1);
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(6 * 1024 * 1024);
  });

  it('drains the queue without waiting for its window', async () => {
    const events = record(async () => undefined, { batchSize: 100, windowSeconds: 60 });
    await sleep(50);
    await send('a');
    await sleep(100);
    await send('b');
    const started = Date.now();
    expect(await source?.drain(5000)).toBe(true);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(bodies(events).sort()).toEqual(['a', 'b']);
  });

  it('tells when it could not drain in time', async () => {
    await send('slow');
    record(() => sleep(1500, undefined), { windowSeconds: 0 });
    await sleep(100);
    expect(await source?.drain(100)).toBe(false);
  });

  it('stops at once while it waits, and finishes what is in hand', async () => {
    let done = false;
    await send('x');
    record(
      async () => {
        await sleep(300);
        done = true;
        return undefined;
      },
      { windowSeconds: 0 },
    );
    await sleep(150);
    const started = Date.now();
    await source?.stop();
    expect(done).toBe(true);
    expect(Date.now() - started).toBeLessThan(2000);
    expect(await remaining()).toBe(0);
  });

  it('goes on when the queue cannot be reached for a while', async () => {
    let failures = 1;
    const flaky = new SQSClient({ endpoint: server.url, maxAttempts: 1 });
    flaky.middlewareStack.add(
      (next) => async (args) => {
        if (failures-- > 0) throw new Error('no route to host');
        return next(args);
      },
      { step: 'finalizeRequest' },
    );
    await send('x');
    const events: SQSEvent[] = [];
    source = new EventSource({
      ...options(async () => undefined, { maximumConcurrency: 1 }, events),
      client: flaky,
    });
    source.start();
    await vi.waitFor(() => expect(bodies(events)).toEqual(['x']), 10_000);
    expect(errors).toMatchObject([{ message: 'no route to host' }]);
    flaky.destroy();
  });

  function options(handler: QueueHandler, mapping: Partial<QueueMapping>, events: SQSEvent[]) {
    return {
      client,
      queueUrl,
      queueArn,
      mapping: {
        functionName: 'contextualize',
        batchSize: 10,
        windowSeconds: 0,
        maximumConcurrency: 1,
        timeoutMs: 10_000,
        reportsFailures: true,
        ...mapping,
      },
      handler: (event: SQSEvent) => {
        events.push(event);
        return handler(event);
      },
      onError: (error: unknown) => errors.push(error),
    };
  }

  /** Starts a source and returns the events that it makes, as they come. */
  function record(handler: QueueHandler, mapping: Partial<QueueMapping> = {}): SQSEvent[] {
    const events: SQSEvent[] = [];
    source = new EventSource(options(handler, mapping, events));
    source.start();
    return events;
  }

  async function run(handler: QueueHandler, mapping: Partial<QueueMapping> = {}): Promise<SQSEvent[]> {
    const events = record(handler, mapping);
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(0), 5000);
    await source?.stop();
    return events;
  }

  async function send(MessageBody: string): Promise<void> {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  }

  async function remaining(): Promise<number> {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  }

  function bodies(events: readonly SQSEvent[]): string[] {
    return events.flatMap(({ Records }) => Records.map(({ body }) => body));
  }
});
