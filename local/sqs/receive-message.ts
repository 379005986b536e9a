import { createHash } from 'node:crypto';
import type { LocalQueue, ReceivedMessage } from './local-queue.ts';
import { attributesMd5, selectAttributes } from './message-attributes.ts';
import { invalidParameter } from './sqs-error.ts';

export interface ReceiveMessageInput {
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
}

const SENDER = 'AIDALOCAL';

export async function receiveMessage(queue: LocalQueue, input: ReceiveMessageInput, signal: AbortSignal) {
  const defaults = queue.attributes;
  const max = checkRange('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
  const wait = input.WaitTimeSeconds ?? Number(defaults['ReceiveMessageWaitTimeSeconds']);
  const visibility = input.VisibilityTimeout ?? Number(defaults['VisibilityTimeout']);
  const received = await queue.receive({
    max,
    waitMs: checkRange('WaitTimeSeconds', wait, 0, 20) * 1000,
    visibilityMs: checkVisibility(visibility) * 1000,
    signal,
  });
  // SQS leaves the member out when there is nothing.
  return received.length === 0 ? {} : { Messages: received.map((message) => toOutput(message, input)) };
}

export function checkVisibility(seconds: number): number {
  return checkRange('VisibilityTimeout', seconds, 0, 43_200);
}

function checkRange(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}

function toOutput(message: ReceivedMessage, input: ReceiveMessageInput) {
  const attributes = selectAttributes(message.attributes, input.MessageAttributeNames ?? []);
  const system = systemAttributes(message, [
    ...(input.MessageSystemAttributeNames ?? []),
    ...(input.AttributeNames ?? []),
  ]);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: createHash('md5').update(message.body).digest('hex'),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: attributesMd5(attributes),
    }),
    ...(Object.keys(system).length > 0 && { Attributes: system }),
  };
}

function systemAttributes(message: ReceivedMessage, wanted: readonly string[]): Record<string, string> {
  const all = {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: SENDER,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name)));
}
