import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { storageSuite } from '../../suites/storage.suite.ts';
import { onEveryEngine } from './on-every-engine.ts';

onEveryEngine((engine, table) => {
  storageSuite(engine, async (options) => ({ open: () => new DynamoStorage({ ...table(), ...options }) }), {
    propertyRuns: 30,
  });
  storageSuite(
    `${engine}, four shards`,
    async (options) => ({ open: () => new DynamoStorage({ ...table(), ...options, shards: 4, cacheBytes: 0 }) }),
    { propertyRuns: 10 },
  );
});
