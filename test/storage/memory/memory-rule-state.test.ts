import { MemoryRuleState } from '../../../lib/storage/memory/memory-rule-state.ts';
import { ruleStateSuite } from '../../suites/rule-state.suite.ts';

ruleStateSuite('memory', async () => {
  const state = new MemoryRuleState();
  return { open: () => state };
});
