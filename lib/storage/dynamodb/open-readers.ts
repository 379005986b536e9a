import { DynamoCompactionReader } from './dynamo-compaction-reader.ts';
import { DynamoReader, type DynamoReaderOptions } from './dynamo-reader.ts';
import { DynamoRegisters } from './dynamo-registers.ts';
import { DynamoRuleStateReader } from './dynamo-rule-state-reader.ts';
import { openAccounts } from './open-accounts.ts';

/** Everything that is read of one table. Only registers can be written: token uses are. */
export function openReaders(options: DynamoReaderOptions) {
  return {
    storage: new DynamoReader(options),
    ...openAccounts(options),
    registers: new DynamoRegisters(options),
    ruleState: new DynamoRuleStateReader(options),
    compaction: new DynamoCompactionReader(options),
  };
}
