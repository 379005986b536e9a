import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { storageSuite } from '../../suites/storage.suite.ts';
import { startDynalite } from './start-dynalite.ts';

const table = startDynalite();

storageSuite('DynamoDB', async (options) => ({ open: () => new DynamoStorage({ ...table(), ...options }) }), {
  propertyRuns: 30,
});
storageSuite(
  'DynamoDB, four shards',
  async (options) => ({ open: () => new DynamoStorage({ ...table(), ...options, shards: 4, cacheBytes: 0 }) }),
  { propertyRuns: 10 },
);
