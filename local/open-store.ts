import { randomUUID } from 'node:crypto';
import type { CompiledRuntime } from '../lib/config/runtime.ts';
import { UsageBook } from '../lib/pipeline/usage-book.ts';
import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoCompactionReader } from '../lib/storage/dynamodb/dynamo-compaction-reader.ts';
import { DynamoLedger } from '../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRegisters } from '../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoRuleState } from '../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import { DynamoUsageReader } from '../lib/storage/dynamodb/dynamo-usage-reader.ts';
import { DynamoUsageRecorder } from '../lib/storage/dynamodb/dynamo-usage-recorder.ts';
import { DynamoUsageSums } from '../lib/storage/dynamodb/dynamo-usage-sums.ts';
import { ensureTable } from '../lib/storage/dynamodb/ensure-table.ts';
import { meterClient } from '../lib/storage/dynamodb/meter-client.ts';
import { newDynamoClient } from '../lib/storage/dynamodb/new-client.ts';
import type { Work } from '../lib/storage/usage.ts';
import type { DataFolder } from './data-folder.ts';
import { describeError } from './describe-error.ts';
import { startDynamoDbServer } from './dynamodb-server.ts';
import { type Between, direct, LOCAL_CLIENT, type OnOpen } from './opening.ts';
import { STORE_PATIENCE } from './patience.ts';

const TABLE_NAME = 'tributary';

/** Everything in the table, as everybody needs it. */
export interface LocalStore {
  readonly storage: DynamoStorage;
  readonly ledger: DynamoLedger;
  readonly registers: DynamoRegisters;
  readonly ruleState: DynamoRuleState;
  readonly compactable: DynamoCompactable;
  readonly compaction: DynamoCompactionReader;
  readonly usage: DynamoUsageReader;
  readonly sums: DynamoUsageSums;
  /** One meter for all functions: of two that run at the same time, the first to end pays for both. */
  readonly bookOf: (work: Work) => UsageBook;
  close(): Promise<void>;
}

/** Starts the stand-in for DynamoDB, and makes its table where it is missing. */
export async function openStore(
  { between = direct, log }: { readonly between?: Between; readonly log: (line: string) => void },
  folder: DataFolder,
  { retention }: Pick<CompiledRuntime, 'retention'>,
  onOpen: OnOpen,
): Promise<LocalStore> {
  const server = await startDynamoDbServer({ folder: folder.tables });
  onOpen(() => server.close());
  const client = newDynamoClient({ ...LOCAL_CLIENT, endpoint: await between('dynamodb', server.url) }, STORE_PATIENCE);
  await ensureTable(client, TABLE_NAME);
  const metered = meterClient(client);
  const table = { client: metered.client, tableName: TABLE_NAME, now: Date.now };
  const recorder = new DynamoUsageRecorder(table);
  const bookLog = {
    warn: (message: string, { error }: { error: Error }) => log(`${message}: ${describeError(error)}`),
  };
  return {
    storage: new DynamoStorage({ ...table, retention }),
    ledger: new DynamoLedger(table),
    registers: new DynamoRegisters(table),
    ruleState: new DynamoRuleState(table),
    compactable: new DynamoCompactable({ ...table, retention }),
    compaction: new DynamoCompactionReader(table),
    usage: new DynamoUsageReader(table),
    sums: new DynamoUsageSums(table),
    bookOf: (work) =>
      new UsageBook({ work, meter: metered.meter, recorder, now: Date.now, newId: randomUUID, log: bookLog }),
    async close() {
      client.destroy();
      await server.close();
    },
  };
}
