import { DynamoLedger } from '../../../lib/storage/dynamodb/dynamo-ledger.ts';
import { ledgerSuite } from '../../suites/ledger.suite.ts';
import { onEveryEngine } from './on-every-engine.ts';

onEveryEngine((engine, table) => {
  ledgerSuite(engine, async (options) => ({ open: () => new DynamoLedger({ ...table(), ...options }) }));
});
