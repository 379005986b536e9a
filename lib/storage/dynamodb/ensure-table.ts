import { type DynamoDBClient, UpdateContinuousBackupsCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { createTable } from './create-table.ts';

/**
 * Creates the table where it does not exist, with expiry and point-in-time recovery; for local use and tests (on AWS
 * the deployment creates it). Stand-ins of DynamoDB that do not know these two are used without them.
 */
export async function ensureTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await createTable(client, tableName);
  // ValidationException: it is enabled already.
  await tolerate(['UnknownOperationException', 'ValidationException'], () =>
    client.send(
      new UpdateTimeToLiveCommand({
        TableName: tableName,
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      }),
    ),
  );
  // A table that was created just now may not be ready for it; whoever asks the next time has it.
  await tolerate(['UnknownOperationException', 'ContinuousBackupsUnavailableException'], () =>
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
