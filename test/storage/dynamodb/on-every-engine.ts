import { randomUUID } from 'node:crypto';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createTable } from '../../../lib/storage/dynamodb/create-table.ts';
import { startDynamoDbLocal, whyNoDynamoDbLocal } from '../../dynamodb-local/start-dynamodb-local.ts';
import { type DynaliteTable, startDynalite } from './start-dynalite.ts';

/** An engine that speaks DynamoDB's protocol. */
interface Engine {
  readonly name: string;
  /** Why it cannot be used here. */
  readonly missing: string | undefined;
  /** Registers hooks of the enclosing block: an empty table before its tests, and no table after them. */
  readonly start: () => () => DynaliteTable;
}

const { DYNAMODB_LOCAL_DIR, TRIBUTARY_AWS_TABLE_PREFIX } = process.env;
const AWS_VARIABLES = ['TRIBUTARY_AWS_REGION', 'TRIBUTARY_AWS_ACCESS_KEY_ID', 'TRIBUTARY_AWS_SECRET_ACCESS_KEY'];

const ENGINES: readonly Engine[] = [
  { name: 'DynamoDB', missing: undefined, start: startDynalite },
  { name: 'DynamoDB Local', missing: whyNoDynamoDbLocal(DYNAMODB_LOCAL_DIR), start: startLocalTable },
  ...(TRIBUTARY_AWS_TABLE_PREFIX === undefined
    ? []
    : [{ name: 'DynamoDB of AWS', missing: whyNoAws(), start: startAwsTable }]),
];

/**
 * Runs the tests of a block on the stand-in that comes with the project; on DynamoDB Local, where that was fetched; and on
 * AWS, but only for who asks for it and gives credentials for it by names that nothing else reads.
 */
export function onEveryEngine(tests: (engine: string, table: () => DynaliteTable) => void): void {
  for (const { name, missing, start } of ENGINES) {
    describe(`on ${name}`, () => {
      if (missing === undefined) tests(name, start());
      else skipLoudly(`on ${name}: ${missing}`);
    });
  }
}

function skipLoudly(what: string): void {
  console.warn(`SKIPPED: tests ${what}`);
  it.skip(`skipped ${what}`);
}

/** Without expiry: DynamoDB Local carries it out at once, and tests have clocks of their own. */
function startLocalTable(): () => DynaliteTable {
  return startTable(async () => {
    const local = await startDynamoDbLocal(DYNAMODB_LOCAL_DIR ?? '');
    const client = new DynamoDBClient({
      endpoint: local.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await createTable(client, 'tributary');
    return { table: { client, tableName: 'tributary' }, end: local.stop };
  });
}

function whyNoAws(): string | undefined {
  const unset = AWS_VARIABLES.filter((variable) => !process.env[variable]);
  return unset.length === 0 ? undefined : `${unset.join(' and ')} must be set beside TRIBUTARY_AWS_TABLE_PREFIX`;
}

/** A table of its own for each block, which is deleted after it. */
function startAwsTable(): () => DynaliteTable {
  return startTable(async () => {
    const [region = '', accessKeyId = '', secretAccessKey = ''] = AWS_VARIABLES.map((name) => process.env[name]);
    const sessionToken = process.env['TRIBUTARY_AWS_SESSION_TOKEN'];
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    const client = new DynamoDBClient({ region, credentials });
    const tableName = `${TRIBUTARY_AWS_TABLE_PREFIX}-${randomUUID()}`;
    await createTable(client, tableName);
    return {
      table: { client, tableName },
      end: async () => void (await client.send(new DeleteTableCommand({ TableName: tableName }))),
    };
  });
}

interface Started {
  readonly table: DynaliteTable;
  readonly end: () => Promise<void>;
}

function startTable(start: () => Promise<Started>): () => DynaliteTable {
  let started: Started | undefined;
  beforeAll(async () => {
    started = await start();
  }, 60_000);
  afterAll(async () => {
    await started?.end();
    started?.table.client.destroy();
  });
  return () => {
    if (started === undefined) throw new Error('BUG: the engine is not started yet');
    return started.table;
  };
}
