import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Table, type TableItem, toAttributes, unavailable } from './table.ts';

/**
 * Puts an item in the place of the version that the caller has read (undefined: of none); resolves to whether it did.
 * After `false` somebody else was first, or an earlier attempt of this same call was: only reading again can tell.
 *
 * @throws StorageUnavailableError
 */
export async function replaceItem(
  table: Table,
  item: Omit<TableItem, 'version'>,
  readVersion: number | undefined,
): Promise<boolean> {
  const version = (readVersion ?? 0) + 1;
  const command = new PutItemCommand({
    TableName: table.tableName,
    Item: toAttributes({ ...item, version }),
    ConditionExpression: readVersion === undefined ? 'attribute_not_exists(pk)' : 'v = :read',
    ...(readVersion !== undefined && { ExpressionAttributeValues: { ':read': { N: String(readVersion) } } }),
  });
  try {
    await table.client.send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw unavailable('replace an item of', table, error);
  }
}
