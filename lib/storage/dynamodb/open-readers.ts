import { DynamoCompactionReader } from './dynamo-compaction-reader.ts';
import { DynamoLedgerReader } from './dynamo-ledger-reader.ts';
import { DynamoReader, type DynamoReaderOptions } from './dynamo-reader.ts';
import { DynamoRegisters } from './dynamo-registers.ts';
import { DynamoRuleStateReader } from './dynamo-rule-state-reader.ts';

/** Everything that is read of one table. Only registers can be written: token uses are. */
export function openReaders(options: DynamoReaderOptions) {
  return {
    storage: new DynamoReader(options),
    ledger: new DynamoLedgerReader(options),
    registers: new DynamoRegisters(options),
    ruleState: new DynamoRuleStateReader(options),
    compaction: new DynamoCompactionReader(options),
  };
}
