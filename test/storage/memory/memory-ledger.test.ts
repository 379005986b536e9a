import { MemoryLedger } from '../../../lib/storage/memory/memory-ledger.ts';
import { ledgerSuite } from '../../suites/ledger.suite.ts';

ledgerSuite('memory', async () => {
  const ledger = new MemoryLedger();
  return { open: () => ledger };
});
