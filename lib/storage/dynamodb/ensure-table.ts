import {
  CreateTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

const MAX_WAIT_SECONDS = 30;

/**
 * Creates the table where it does not exist, with expiry and point-in-time recovery; for local use and tests (on AWS
 * the deployment creates it). Stand-ins of DynamoDB that do not know these two are used without them.
 */
export async function ensureTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await tolerate(['ResourceInUseException'], () =>
    client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    ),
  );
  await waitUntilTableExists(
    { client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1, maxDelay: 2 },
    { TableName: tableName },
  );
  // ValidationException: it is enabled already.
  await tolerate(['UnknownOperationException', 'ValidationException'], () =>
    client.send(
      new UpdateTimeToLiveCommand({
        TableName: tableName,
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      }),
    ),
  );
  await tolerate(['UnknownOperationException'], () =>
    client.send(
      new UpdateContinuousBackupsCommand({
        TableName: tableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    ),
  );
}

async function tolerate(names: readonly string[], request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    if (!names.includes((error as Error).name)) throw error;
  }
}
