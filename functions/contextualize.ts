import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { batchOf, batchResponse } from '../lib/lambda/sqs-event.ts';
import { Firewall } from '../lib/pipeline/cardinality/firewall.ts';
import { type ContextualizeDependencies, contextualizeMessages } from '../lib/pipeline/contextualize.ts';
import { Elections } from '../lib/pipeline/elections.ts';
import { Contextualizer } from '../lib/plan/contextualizer.ts';
import { DynamoLedgerRecorder } from '../lib/storage/dynamodb/dynamo-ledger-recorder.ts';
import { DynamoRegisters } from '../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoWriter } from '../lib/storage/dynamodb/dynamo-writer.ts';
import { newDynamoClient } from '../lib/storage/dynamodb/new-client.ts';
import { DAY_MS } from '../lib/storage/retention-window.ts';

const logger = new Logger();
let dependencies: ContextualizeDependencies | undefined;

/** The worker: raw samples from the queue become contextualized metrics in the store. */
export function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  dependencies ??= composeDependencies();
  return contextualize(event, dependencies);
}

/** Answers with the messages to deliver again; the rest is stored and accounted for. */
export async function contextualize(event: SQSEvent, deps: ContextualizeDependencies): Promise<SQSBatchResponse> {
  const { messages, poison, messageIdOf } = batchOf(event);
  const failures = await contextualizeMessages(messages, deps);
  const failed = [...poison, ...failures.map(({ message, error }) => ({ messageId: messageIdOf(message), error }))];
  for (const { messageId, error } of failed) logger.error('cannot process message', { messageId, error });
  return batchResponse(failed.map(({ messageId }) => messageId));
}

function composeDependencies(): ContextualizeDependencies {
  const { plan, tenants, retention, tableName } = loadRuntime();
  const client = newDynamoClient();
  const now = Date.now;
  const registers = new DynamoRegisters({ client, tableName, now });
  return {
    contextualizer: new Contextualizer(plan),
    tenants,
    storage: new DynamoWriter({ client, tableName, retention, now }),
    ledger: new DynamoLedgerRecorder({ client, tableName, now }),
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: retention.normalised.days * DAY_MS, now }),
  };
}
