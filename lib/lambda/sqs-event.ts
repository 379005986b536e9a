import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { QueueMessage } from '../queue/interface.ts';
import { decodeSqsRecord } from '../queue/message.ts';

/** A record that is no message of ours; it goes to the dead letters after its last delivery. */
export interface PoisonRecord {
  readonly messageId: string;
  readonly error: Error;
}

export interface SqsBatch {
  readonly messages: readonly QueueMessage[];
  readonly poison: readonly PoisonRecord[];
  /** The SQS id under which a message was delivered. */
  readonly messageIdOf: (message: QueueMessage) => string;
}

/** Decodes the records of an SQS event; what cannot be decoded is set apart and fails nothing else. */
export function batchOf(event: SQSEvent): SqsBatch {
  const ids = new Map<QueueMessage, string>();
  const poison: PoisonRecord[] = [];
  for (const record of event.Records) {
    try {
      ids.set(decodeSqsRecord(record), record.messageId);
    } catch (error) {
      poison.push({ messageId: record.messageId, error: error as Error });
    }
  }
  return { messages: [...ids.keys()], poison, messageIdOf: (message) => ids.get(message) ?? bug() };
}

/** Tells SQS which messages to deliver again; all others are deleted. */
export function batchResponse(failedMessageIds: readonly string[]): SQSBatchResponse {
  return { batchItemFailures: failedMessageIds.map((itemIdentifier) => ({ itemIdentifier })) };
}

function bug(): never {
  throw new Error('BUG: a message that is not of this batch');
}
