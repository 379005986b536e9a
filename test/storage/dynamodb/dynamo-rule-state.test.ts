import { expect, it } from 'vitest';
import { DynamoRuleState } from '../../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoRuleStateReader } from '../../../lib/storage/dynamodb/dynamo-rule-state-reader.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import { ruleStateSuite } from '../../suites/rule-state.suite.ts';
import { onEveryEngine } from './on-every-engine.ts';

const EMPTY = { planVersion: 'p', evaluatedTo: 5, skipped: 0, groups: {} };

onEveryEngine((engine, table) => {
  ruleStateSuite(engine, async (options) => ({ open: () => new DynamoRuleState({ ...table(), ...options }) }));

  it('can be read by who may not write', async () => {
    const now = () => Date.UTC(2025, 10, 22);
    await new DynamoRuleState({ ...table(), now }).replace('reader', 0, EMPTY);
    expect(await new DynamoRuleStateReader({ ...table(), now }).read('reader')).toEqual({ revision: 1, state: EMPTY });
  });

  it('is forgotten when nobody evaluated for a month', async () => {
    let now = Date.UTC(2025, 10, 22);
    const state = new DynamoRuleState({ ...table(), now: () => now });
    await state.replace('away', 0, EMPTY);
    now += 31 * 86_400_000;
    expect(await state.read('away')).toBeUndefined();
  });

  it('says that the store is out of reach, and not that somebody else won', async () => {
    const options = { ...table(), tableName: 'no-such-table', now: Date.now };
    await expect(new DynamoRuleState(options).replace('t', 0, EMPTY)).rejects.toThrow(StorageUnavailableError);
    await expect(new DynamoRuleState(options).read('t')).rejects.toThrow(StorageUnavailableError);
  });
});
