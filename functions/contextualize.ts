import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { contextualizeBatch, type WorkerDependencies } from '../lib/lambda/contextualize-batch.ts';
import { openDeadLetters } from '../lib/lambda/dead-letters.ts';
import { openEmfMeter } from '../lib/lambda/emf-meter.ts';
import { functionMemory } from '../lib/lambda/function-memory.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openMeteredTable } from '../lib/lambda/open-metered-table.ts';
import { batchMetrics } from '../lib/lambda/report-batches.ts';
import { Firewall } from '../lib/pipeline/cardinality/firewall.ts';
import { generationsOf } from '../lib/pipeline/cardinality/generations.ts';
import { Elections } from '../lib/pipeline/elections.ts';
import { rememberingContextualizer } from '../lib/pipeline/remembering-contextualizer.ts';
import { TokenUses } from '../lib/pipeline/token-uses.ts';
import { DynamoLedgerRecorder } from '../lib/storage/dynamodb/dynamo-ledger-recorder.ts';
import { DynamoRegisters } from '../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoWriter } from '../lib/storage/dynamodb/dynamo-writer.ts';

const log = newLog();
let dependencies: WorkerDependencies | undefined;

/** The worker: raw samples from the queue become contextualized metrics in the store. */
export function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  dependencies ??= composeDependencies();
  return contextualize(event, dependencies);
}

/** Answers with the messages to deliver again; the rest is stored and accounted for. */
export function contextualize(event: SQSEvent, deps: WorkerDependencies): Promise<SQSBatchResponse> {
  return contextualizeBatch(event, deps, log);
}

function composeDependencies(): WorkerDependencies {
  const { plan, tenants, retention, tableName, deadLetterUrl, maxReceives } = loadRuntime();
  const { table, usage } = openMeteredTable('contextualize', tableName, log);
  const meter = openEmfMeter();
  const registers = new DynamoRegisters(table);
  return {
    ...rememberingContextualizer(plan, { tenants, bytes: functionMemory() / 2 }),
    tenants,
    storage: new DynamoWriter({ ...table, retention }),
    ledger: new DynamoLedgerRecorder(table),
    elections: new Elections(registers),
    deadLetters: openDeadLetters(deadLetterUrl, maxReceives),
    tokenUses: new TokenUses({ registers, log }),
    usage,
    report: (batch) => meter.add(batchMetrics(batch), batch.failed > 0),
    firewall: new Firewall({ registers, ...generationsOf(retention), now: table.now }),
  };
}
