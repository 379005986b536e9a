import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { buryHopeless, openDeadLetters } from '../lib/lambda/dead-letters.ts';
import { batchOf, batchResponse } from '../lib/lambda/sqs-event.ts';
import { Firewall } from '../lib/pipeline/cardinality/firewall.ts';
import { type ContextualizeDependencies, contextualizeMessages } from '../lib/pipeline/contextualize.ts';
import { Elections } from '../lib/pipeline/elections.ts';
import { rememberingContextualizer } from '../lib/pipeline/remembering-contextualizer.ts';
import { TokenUses } from '../lib/pipeline/token-uses.ts';
import type { DeadLetters } from '../lib/queue/dead-letters.ts';
import { DynamoLedgerRecorder } from '../lib/storage/dynamodb/dynamo-ledger-recorder.ts';
import { DynamoRegisters } from '../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoWriter } from '../lib/storage/dynamodb/dynamo-writer.ts';
import { newDynamoClient } from '../lib/storage/dynamodb/new-client.ts';
import { DAY_MS } from '../lib/storage/retention-window.ts';

const logger = new Logger();
let dependencies: WorkerDependencies | undefined;

/** The worker: raw samples from the queue become contextualized metrics in the store. */
export function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  dependencies ??= composeDependencies();
  return contextualize(event, dependencies);
}

/** Answers with the messages to deliver again; the rest is stored and accounted for. */
export async function contextualize(event: SQSEvent, deps: WorkerDependencies): Promise<SQSBatchResponse> {
  const { messages, poison, messageIdOf } = batchOf(event);
  const failures = await contextualizeMessages(messages, deps);
  deps.tokenUses?.noteSenders(messages, deps.tenants);
  const failed = [...poison, ...failures.map(({ message, error }) => ({ messageId: messageIdOf(message), error }))];
  for (const { messageId, error } of failed) logger.error('cannot process message', { messageId, error });
  const buried = await buryHopeless(event, failed, deps.deadLetters, logger);
  await deps.tokenUses?.settled();
  return batchResponse(failed.flatMap(({ messageId }) => (buried.has(messageId) ? [] : [messageId])));
}

export interface WorkerDependencies extends ContextualizeDependencies {
  /** Absent: what fails for the last time is left to the queue, without its error. */
  readonly deadLetters?: DeadLetters;
  readonly tokenUses?: TokenUses;
}

function composeDependencies(): WorkerDependencies {
  const { plan, tenants, retention, tableName, deadLetterUrl, maxReceives } = loadRuntime();
  const client = newDynamoClient();
  const now = Date.now;
  const registers = new DynamoRegisters({ client, tableName, now });
  return {
    ...rememberingContextualizer(plan),
    tenants,
    storage: new DynamoWriter({ client, tableName, retention, now }),
    ledger: new DynamoLedgerRecorder({ client, tableName, now }),
    elections: new Elections(registers),
    deadLetters: openDeadLetters(deadLetterUrl, maxReceives),
    tokenUses: new TokenUses({ registers, log: logger }),
    firewall: new Firewall({ registers, generationMs: retention.normalised.days * DAY_MS, now }),
  };
}
