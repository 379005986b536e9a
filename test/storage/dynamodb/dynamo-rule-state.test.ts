import type { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
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
    // DynamoDB may not have deleted it yet: it is begun anew all the same, by one.
    const won = await Promise.all([1, 2, 3].map((evaluatedTo) => state.replace('away', 0, { ...EMPTY, evaluatedTo })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await state.read('away'))?.state.evaluatedTo).toBe(1 + won.indexOf(true));
  });

  it('reads nothing of states that were replaced', async () => {
    const { client, tableName } = table();
    let items = 0;
    const counting = {
      send: async (command: QueryCommand) => {
        const answer = await client.send(command);
        items += answer.Items?.length ?? 0;
        return answer;
      },
    } as unknown as DynamoDBClient;
    const now = () => Date.UTC(2025, 10, 22);
    const state = new DynamoRuleState({ client, tableName, now });
    const large = (evaluatedTo: number) => {
      const noise = Buffer.from(Float64Array.from({ length: 50_000 }, (_, i) => Math.sin(i + evaluatedTo)).buffer);
      return { ...EMPTY, evaluatedTo, planVersion: noise.toString('base64') };
    };
    for (let revision = 0; revision < 4; revision++) await state.replace('large', revision, large(revision));
    const found = await new DynamoRuleStateReader({ client: counting, tableName, now }).read('large');
    expect(found).toEqual({ revision: 4, state: large(3) });
    expect(items).toBe(1 + 2);
  });

  it('says that the store is out of reach, and not that somebody else won', async () => {
    const options = { ...table(), tableName: 'no-such-table', now: Date.now };
    await expect(new DynamoRuleState(options).replace('t', 0, EMPTY)).rejects.toThrow(StorageUnavailableError);
    await expect(new DynamoRuleState(options).read('t')).rejects.toThrow(StorageUnavailableError);
  });
});
