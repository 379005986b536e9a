import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueMapping } from './serverless-file.ts';

export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse | undefined>;

export interface EventSourceOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly mapping: QueueMapping;
  readonly handler: QueueHandler;
  /** Told when the handler throws or the queue cannot be reached. */
  readonly onError: (error: unknown) => void;
}

/** More pollers than this gain nothing in one process. */
const MAX_POLLERS = 2;

/** Lambda's limit of an event is 6 MB; this leaves room for what JSON adds to texts. */
const MAX_EVENT_BYTES = 5 * 1024 * 1024;

const MAX_RECEIVE = 10;
const LONG_POLL_SECONDS = 20;
const PAUSE_AFTER_ERROR_MS = 1000;

/**
 * Lambda's event source mapping of a queue: gathers messages to batches, calls the handler, and deletes what it
 * processed. What the handler reports as failed, and all of a batch whose handler threw, is delivered again when its
 * visibility timeout ends.
 */
export class EventSource {
  readonly #options: EventSourceOptions;
  readonly #stopping = new AbortController();
  #pollers: readonly Promise<void>[] = [];
  #hurried = false;
  #inHand = 0;

  constructor(options: EventSourceOptions) {
    this.#options = options;
  }

  start(): void {
    const pollers = Math.min(this.#options.mapping.maximumConcurrency, MAX_POLLERS);
    this.#pollers = Array.from({ length: pollers }, () => this.#poll());
  }

  /**
   * Works off what is visible in the queue without waiting for fuller batches.
   *
   * @returns whether the queue was empty before the time was up
   */
  async drain(timeoutMs: number): Promise<boolean> {
    this.#hurried = true;
    try {
      for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
        if (this.#inHand === 0 && (await this.#visible()) === 0 && this.#inHand === 0) return true;
      }
      return false;
    } finally {
      this.#hurried = false;
    }
  }

  /** Takes no more messages, and resolves when the batches in hand are done. */
  async stop(): Promise<void> {
    this.#hurried = true;
    this.#stopping.abort();
    await Promise.all(this.#pollers);
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#handleBatch();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#options.onError(error);
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
  }

  async #handleBatch(): Promise<void> {
    const messages = await this.#receive(LONG_POLL_SECONDS, this.#options.mapping.batchSize);
    if (messages.length === 0) return;
    this.#inHand++;
    try {
      await this.#gather(messages);
      for (const event of splitBySize(messages)) await this.#process(event);
    } finally {
      this.#inHand--;
    }
  }

  /** Adds to a batch until it is full or its window is over. */
  async #gather(messages: Message[]): Promise<void> {
    const { batchSize, windowSeconds } = this.#options.mapping;
    const deadline = Date.now() + windowSeconds * 1000;
    while (messages.length < batchSize && bytesOf(messages) < MAX_EVENT_BYTES) {
      const left = this.#hurried ? 0 : Math.max(deadline - Date.now(), 0);
      // Polls of at most a second, so that a hurried batch is not held up.
      const more = await this.#receive(Math.min(Math.ceil(left / 1000), 1), batchSize - messages.length);
      messages.push(...more);
      if (more.length === 0 && left === 0) return;
    }
  }

  async #receive(waitSeconds: number, max: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: Math.min(max, MAX_RECEIVE),
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    try {
      const { Messages = [] } = await this.#options.client.send(command, { abortSignal: this.#stopping.signal });
      return Messages;
    } catch (error) {
      if (this.#stopping.signal.aborted) return [];
      throw error;
    }
  }

  async #process(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => this.#toRecord(message));
    let response: SQSBatchResponse | undefined;
    try {
      response = await this.#invoke({ Records: records });
    } catch (error) {
      this.#options.onError(error);
      return;
    }
    await this.#delete(this.#options.mapping.reportsFailures ? withoutFailures(messages, response) : messages);
  }

  /** @throws Error as Lambda ends an invocation: when the handler throws, and when its time is up. */
  async #invoke(event: SQSEvent): Promise<SQSBatchResponse | undefined> {
    const { handler, mapping } = this.#options;
    const over = new AbortController();
    const timeout = sleep(mapping.timeoutMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`${mapping.functionName} was given up after ${mapping.timeoutMs} ms`);
    });
    try {
      return await Promise.race([handler(event), timeout]);
    } finally {
      over.abort();
      timeout.catch(() => {});
    }
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MAX_RECEIVE) {
      const Entries = messages
        .slice(start, start + MAX_RECEIVE)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries });
      const { Failed = [] } = await this.#options.client.send(command);
      for (const { Code, Message } of Failed) {
        this.#options.onError(new Error(`cannot delete a processed message: ${Code}: ${Message}`));
      }
    }
  }

  #toRecord(message: Message): SQSRecord {
    const attributes = message.Attributes ?? {};
    return {
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: {
        ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
        SentTimestamp: attributes.SentTimestamp ?? '0',
        SenderId: attributes.SenderId ?? '',
        ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '0',
      },
      messageAttributes: toMessageAttributes(message),
      md5OfBody: message.MD5OfBody ?? '',
      ...(message.MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      eventSource: 'aws:sqs',
      eventSourceARN: this.#options.queueArn,
      awsRegion: this.#options.queueArn.split(':')[3] ?? '',
    };
  }

  async #visible(): Promise<number> {
    const { Attributes } = await this.#options.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#options.queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  }
}

function toMessageAttributes({ MessageAttributes = {} }: Message): SQSRecord['messageAttributes'] {
  return Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType = '', StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        stringListValues: [],
        binaryListValues: [],
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
      },
    ]),
  );
}

/** As Lambda reads an answer: nothing reported is full success, a report that makes no sense is full failure. */
function withoutFailures(messages: readonly Message[], response: SQSBatchResponse | undefined): readonly Message[] {
  const failures: readonly { readonly itemIdentifier?: unknown }[] = response?.batchItemFailures ?? [];
  const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set<unknown>(messages.map(({ MessageId }) => MessageId));
  if (![...failed].every((id) => known.has(id))) return [];
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}

/** A batch that would outgrow an event becomes several. */
function splitBySize(messages: readonly Message[]): Message[][] {
  const events: Message[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = bytesOf([message]);
    if (bytes > room || events.length === 0) {
      events.push([]);
      room = MAX_EVENT_BYTES;
    }
    events.at(-1)?.push(message);
    room -= bytes;
  }
  return events;
}

function bytesOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { Body, MessageAttributes }) => {
    const attributes = Object.values(MessageAttributes ?? {}).map(({ StringValue = '' }) => StringValue.length);
    return sum + (Body?.length ?? 0) + attributes.reduce((a, b) => a + b, 1024);
  }, 0);
}
