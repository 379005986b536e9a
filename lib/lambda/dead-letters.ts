import type { SQSEvent } from 'aws-lambda';
import { newCallSqs } from '../queue/call-sqs.ts';
import { DeadLetters } from '../queue/dead-letters.ts';
import { roleCredentials } from './role-credentials.ts';

/** The dead letters as a Lambda reaches them: in its own region, with the credentials of its role. */
export function openDeadLetters(queueUrl: string, maxReceives: number): DeadLetters {
  const region = process.env['AWS_REGION'] ?? '';
  const call = newCallSqs({ queueUrl, region, credentials: () => roleCredentials() });
  return new DeadLetters({ call, queueUrl, maxReceives, now: Date.now });
}

interface Log {
  warn(message: string, details: Readonly<Record<string, unknown>>): void;
}

/**
 * Buries what failed for the last time, with its error, and resolves with the ids of what is buried: these need not be
 * delivered again. Whatever cannot be buried the queue moves itself, as if nothing had been tried.
 */
export async function buryHopeless(
  event: SQSEvent,
  failed: readonly { readonly messageId: string; readonly error: Error }[],
  deadLetters: DeadLetters | undefined,
  log: Log,
): Promise<ReadonlySet<string>> {
  const buried = new Set<string>();
  if (deadLetters === undefined) return buried;
  const records = new Map(event.Records.map((record) => [record.messageId, record]));
  await Promise.all(
    failed.map(async ({ messageId, error }) => {
      const record = records.get(messageId);
      const receives = Number(record?.attributes.ApproximateReceiveCount);
      if (record === undefined || !deadLetters.isLast(receives)) return;
      try {
        await deadLetters.bury({ record, receives, error });
        buried.add(messageId);
      } catch (cause) {
        log.warn('cannot write the error of a dead letter', { messageId, error: cause });
      }
    }),
  );
  return buried;
}
