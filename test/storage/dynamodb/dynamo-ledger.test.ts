import { DynamoLedger } from '../../../lib/storage/dynamodb/dynamo-ledger.ts';
import { ledgerSuite } from '../../suites/ledger.suite.ts';
import { startDynalite } from './start-dynalite.ts';

const table = startDynalite();

ledgerSuite('DynamoDB', async (options) => ({ open: () => new DynamoLedger({ ...table(), ...options }) }));
