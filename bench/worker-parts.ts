import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Firewall } from '../lib/pipeline/cardinality/firewall.ts';
import { generationsOf } from '../lib/pipeline/cardinality/generations.ts';
import type { ContextualizeDependencies, contextualizeMessages } from '../lib/pipeline/contextualize.ts';
import { Elections } from '../lib/pipeline/elections.ts';
import { rememberingContextualizer } from '../lib/pipeline/remembering-contextualizer.ts';
import type { Plan } from '../lib/plan/plan.ts';
import { DynamoLedgerRecorder } from '../lib/storage/dynamodb/dynamo-ledger-recorder.ts';
import { DynamoRegisters } from '../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoWriter } from '../lib/storage/dynamodb/dynamo-writer.ts';
import { MemoryRegisters } from '../lib/storage/memory/memory-registers.ts';
import { type Scrape, TENANT } from './worker-traffic.ts';

const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };
/** Half of what Lambda gives the worker. */
const MEMORY_BYTES = 512 * 1024 * 1024;
const TABLE = { tableName: 'bench', now: Date.now };

/** A table that takes everything and holds nothing: what is measured is all but the client. */
export const NO_CLIENT = { send: async () => ({}) } as unknown as DynamoDBClient;

/** What a worker is made of, as functions/contextualize.ts composes it. */
export function newWorkerParts(plan: Plan, client: DynamoDBClient): ContextualizeDependencies {
  const registers = client === NO_CLIENT ? new MemoryRegisters() : new DynamoRegisters({ ...TABLE, client });
  return {
    ...rememberingContextualizer(plan, { tenants: [TENANT], bytes: MEMORY_BYTES }),
    tenants: [TENANT],
    storage: new DynamoWriter({ ...TABLE, client, retention: RETENTION }),
    ledger: new DynamoLedgerRecorder({ ...TABLE, client }),
    elections: new Elections(registers),
    firewall: new Firewall({ registers, ...generationsOf(RETENTION), now: Date.now }),
  };
}

/** One invocation of a worker. */
export type Work = typeof contextualizeMessages;

/**
 * CPU seconds that one invocation for each scrape takes, in this process.
 *
 * @throws Error when a message fails.
 */
export async function cpuSecondsOf(
  work: Work,
  parts: ContextualizeDependencies,
  scrapes: readonly Scrape[],
): Promise<number> {
  const before = process.cpuUsage();
  for (const { messages } of scrapes) {
    const [failure] = await work(messages, parts);
    if (failure !== undefined) throw failure.error;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function samplesIn(scrapes: readonly Scrape[]): number {
  return scrapes.reduce((sum, { samples }) => sum + samples, 0);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
