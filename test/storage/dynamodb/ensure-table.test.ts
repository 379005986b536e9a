import { DescribeTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { ensureTable } from '../../../lib/storage/dynamodb/ensure-table.ts';
import { onEveryEngine } from './on-every-engine.ts';

describe('ensureTable', () => {
  onEveryEngine((_, table) => {
    it('leaves a table that exists as it is, however often it is asked', async () => {
      const { client, tableName } = table();
      for (let i = 0; i < 2; i++) await ensureTable(client, tableName);
      const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      expect(Table?.KeySchema).toEqual([
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ]);
      expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
    });
  });

  it('sets the expiry where the table knows it', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' });
    const mock = mockClient(client);
    mock.on(DescribeTableCommand).resolves({ Table: { TableStatus: 'ACTIVE' } });
    await ensureTable(client, 'x');
    expect(mock.commandCalls(UpdateTimeToLiveCommand)[0]?.args[0].input).toEqual({
      TableName: 'x',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  it('does not hide other errors', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' });
    mockClient(client).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(ensureTable(client, 'x')).rejects.toThrow('no');
  });
});
