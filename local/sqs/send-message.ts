import { createHash } from 'node:crypto';
import { type BatchEntry, runBatch } from './batch.ts';
import type { LocalQueue, NewMessage } from './local-queue.ts';
import { attributeBytes, attributesMd5, checkAttributes, type MessageAttributes } from './message-attributes.ts';
import { invalidParameter, missingParameter, SqsError } from './sqs-error.ts';

export interface SendMessageInput {
  readonly MessageBody?: string;
  readonly MessageAttributes?: MessageAttributes;
  readonly DelaySeconds?: number;
}

interface SendMessageOutput {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
}

const MAX_BYTES = 1024 * 1024;
const MAX_DELAY_SECONDS = 900;

/** What SQS takes of Unicode in a body: the characters of XML 1.0. */
const ALLOWED_TEXT = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

export async function sendMessage(queue: LocalQueue, input: SendMessageInput): Promise<SendMessageOutput> {
  const message = readMessage(queue, input);
  if (bytesOf(message) > MAX_BYTES) throw tooLong();
  const [id] = await queue.send([message]);
  return answer(message, id);
}

/** Entries succeed and fail one by one; a batch that is too large fails whole. */
export async function sendMessageBatch(queue: LocalQueue, entries: readonly (SendMessageInput & BatchEntry)[]) {
  const total = entries.reduce((sum, entry) => sum + inputBytes(entry), 0);
  return runBatch(entries, (entry) => sendMessage(queue, entry), {
    check: () => {
      if (total <= MAX_BYTES) return;
      const text = `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${total} bytes.`;
      throw new SqsError('BatchRequestTooLong', text, 'AWS.SimpleQueueService.BatchRequestTooLong');
    },
  });
}

/** @throws SqsError where SQS refuses the message. */
function readMessage(queue: LocalQueue, input: SendMessageInput): NewMessage {
  const { MessageBody: body, MessageAttributes: attributes = {} } = input;
  if (body === undefined || body === '') throw missingParameter('MessageBody');
  checkAttributes(attributes);
  const texts = [body, ...Object.values(attributes).map(({ StringValue }) => StringValue ?? '')];
  if (!texts.every((text) => ALLOWED_TEXT.test(text))) {
    throw new SqsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
  const delaySeconds = input.DelaySeconds ?? Number(queue.attributes['DelaySeconds']);
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
    throw invalidParameter(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  return { body, attributes, delayMs: delaySeconds * 1000 };
}

function answer({ body, attributes }: NewMessage, id: string | undefined): SendMessageOutput {
  return {
    MessageId: id ?? '',
    MD5OfMessageBody: createHash('md5').update(body).digest('hex'),
    ...(Object.keys(attributes).length > 0 && { MD5OfMessageAttributes: attributesMd5(attributes) }),
  };
}

function bytesOf({ body, attributes }: NewMessage): number {
  return Buffer.byteLength(body) + attributeBytes(attributes);
}

/** As `bytesOf`, of an entry that has not been checked yet. */
function inputBytes({ MessageBody = '', MessageAttributes = {} }: SendMessageInput): number {
  return Buffer.byteLength(MessageBody) + attributeBytes(MessageAttributes);
}

function tooLong(): SqsError {
  return invalidParameter(
    `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`,
  );
}
