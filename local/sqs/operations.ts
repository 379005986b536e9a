import { type BatchEntry, runBatch } from './batch.ts';
import type { LocalQueue } from './local-queue.ts';
import type { QueueAttributes } from './message-log.ts';
import type { QueueRegistry } from './queue-registry.ts';
import { checkVisibility, type ReceiveMessageInput, receiveMessage } from './receive-message.ts';
import { type SendMessageInput, sendMessage, sendMessageBatch } from './send-message.ts';
import { missingParameter } from './sqs-error.ts';

/** One call: where it is answered, and when its caller has gone. */
export interface Call {
  readonly queues: QueueRegistry;
  /** URL of a queue of this server. */
  readonly urlOf: (queue: LocalQueue) => string;
  readonly signal: AbortSignal;
}

/** A request as it came: every member may be missing. */
export interface Input extends SendMessageInput, ReceiveMessageInput {
  readonly QueueName?: string;
  readonly QueueNamePrefix?: string;
  readonly QueueUrl?: string;
  readonly Attributes?: QueueAttributes;
  readonly ReceiptHandle?: string;
  readonly Entries?: readonly (BatchEntry & SendMessageInput & DeliveryInput)[];
}

interface DeliveryInput {
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

export type Operation = (call: Call, input: Input) => Promise<object>;

/** The operations of the SQS JSON protocol that this server knows, by the name in `X-Amz-Target`. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateQueue: async ({ queues, urlOf }, { QueueName = '', Attributes = {} }) => ({
    QueueUrl: urlOf(await queues.create(QueueName, Attributes)),
  }),
  GetQueueUrl: async ({ queues, urlOf }, { QueueName }) => ({ QueueUrl: urlOf(queues.byName(QueueName)) }),
  ListQueues: async ({ queues, urlOf }, { QueueNamePrefix = '' }) => ({
    QueueUrls: queues
      .all()
      .filter(({ name }) => name.startsWith(QueueNamePrefix))
      .map(urlOf),
  }),
  ListDeadLetterSourceQueues: async ({ queues, urlOf }, { QueueUrl }) => {
    const deadLetters = queues.byUrl(QueueUrl);
    return {
      queueUrls: queues
        .all()
        .filter(({ redrive }) => redrive?.deadLetters === deadLetters)
        .map(urlOf),
    };
  },
  GetQueueAttributes: async ({ queues }, input) => getQueueAttributes(queues, input),
  SetQueueAttributes: async ({ queues }, { QueueUrl, Attributes = {} }) => {
    await queues.setAttributes(queues.byUrl(QueueUrl), Attributes);
    return {};
  },
  PurgeQueue: async ({ queues }, { QueueUrl }) => {
    await queues.byUrl(QueueUrl).purge();
    return {};
  },
  SendMessage: async ({ queues }, input) => sendMessage(queues.byUrl(input.QueueUrl), input),
  SendMessageBatch: async ({ queues }, { QueueUrl, Entries = [] }) => sendMessageBatch(queues.byUrl(QueueUrl), Entries),
  ReceiveMessage: async ({ queues, signal }, input) => receiveMessage(queues.byUrl(input.QueueUrl), input, signal),
  DeleteMessage: async ({ queues }, input) => deleteMessage(queues.byUrl(input.QueueUrl), input),
  DeleteMessageBatch: async ({ queues }, { QueueUrl, Entries = [] }) => {
    const queue = queues.byUrl(QueueUrl);
    return runBatch(Entries, (entry) => deleteMessage(queue, entry));
  },
  ChangeMessageVisibility: async ({ queues }, input) => changeVisibility(queues.byUrl(input.QueueUrl), input),
  ChangeMessageVisibilityBatch: async ({ queues }, { QueueUrl, Entries = [] }) => {
    const queue = queues.byUrl(QueueUrl);
    return runBatch(Entries, (entry) => changeVisibility(queue, entry));
  },
};

function getQueueAttributes(queues: QueueRegistry, { QueueUrl, AttributeNames = [] }: Input): object {
  const queue = queues.byUrl(QueueUrl);
  const { visible, inFlight, delayed } = queue.counts;
  const all: QueueAttributes = {
    ...queue.attributes,
    QueueArn: queues.arnOf(queue),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
  const wanted = Object.entries(all).filter(
    ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
  );
  return { Attributes: Object.fromEntries(wanted) };
}

async function deleteMessage(queue: LocalQueue, { ReceiptHandle }: DeliveryInput): Promise<object> {
  if (ReceiptHandle === undefined) throw missingParameter('ReceiptHandle');
  await queue.delete(ReceiptHandle);
  return {};
}

function changeVisibility(queue: LocalQueue, { ReceiptHandle, VisibilityTimeout }: DeliveryInput): object {
  if (ReceiptHandle === undefined) throw missingParameter('ReceiptHandle');
  if (VisibilityTimeout === undefined) throw missingParameter('VisibilityTimeout');
  queue.changeVisibility(ReceiptHandle, checkVisibility(VisibilityTimeout) * 1000);
  return {};
}
