import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type ContextualizeDependencies, contextualizeMessages } from '../pipeline/contextualize.ts';
import { TallyingLedger } from '../pipeline/tallying-ledger.ts';
import type { TokenUses } from '../pipeline/token-uses.ts';
import type { DeadLetters } from '../queue/dead-letters.ts';
import { buryHopeless } from './dead-letters.ts';
import type { Log } from './log.ts';
import type { WorkedBatch } from './report-batches.ts';
import { batchOf, batchResponse } from './sqs-event.ts';

export interface WorkerDependencies extends ContextualizeDependencies {
  /** Absent: what fails for the last time is left to the queue, without its error. */
  readonly deadLetters?: DeadLetters;
  readonly tokenUses?: TokenUses;
  /** Told of every batch that is done. */
  readonly report?: (batch: WorkedBatch) => void;
}

/** Contextualizes the messages of an event. Answers with those to deliver again; the rest is stored and accounted for. */
export async function contextualizeBatch(
  event: SQSEvent,
  deps: WorkerDependencies,
  log: Log,
): Promise<SQSBatchResponse> {
  const began = performance.now();
  const { messages, poison, messageIdOf } = batchOf(event);
  const ledger = new TallyingLedger(deps.ledger);
  const failures = await contextualizeMessages(messages, { ...deps, ledger });
  deps.tokenUses?.noteSenders(messages, deps.tenants);
  const failed = [...poison, ...failures.map(({ message, error }) => ({ messageId: messageIdOf(message), error }))];
  for (const { messageId, error } of failed) log.error('cannot process message', { messageId, error });
  const buried = await buryHopeless(event, failed, deps.deadLetters, log);
  await deps.tokenUses?.settled();
  deps.report?.({
    messages: event.Records.length,
    failed: failed.length,
    buried: buried.size,
    tally: ledger.tally,
    durationMs: performance.now() - began,
  });
  return batchResponse(failed.flatMap(({ messageId }) => (buried.has(messageId) ? [] : [messageId])));
}
