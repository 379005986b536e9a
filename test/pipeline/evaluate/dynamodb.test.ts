import { expect, it } from 'vitest';
import type { Labels } from '../../../lib/model/labels.ts';
import { DynamoRuleState } from '../../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import { seriesIdentity } from '../../../lib/storage/series-identity.ts';
import { onEveryEngine } from '../../storage/dynamodb/on-every-engine.ts';
import { tableDouble } from '../../storage/dynamodb/table-double.ts';
import { load, planOfRules, RuleBench, TENANT } from './run-rules.ts';

const MINUTE = 60_000;
const RULES = `groups:
  - name: load
    rules:
      - {record: "job:load:sum", expr: "sum by (job) (load)"}
      - {record: "job:load:twice", expr: "job:load:sum * 2"}
      - {alert: High, expr: "job:load:sum > 5", for: 2m}
  - {name: later, rules: [{record: "load:max", expr: "max(max_over_time(job:load:twice[3m30s]))"}]}
`;

onEveryEngine((_, table) => {
  it('two evaluators on one DynamoDB table give what one gives', async () => {
    const now = () => 10 * MINUTE;
    const retention = { normalised: { days: 2 }, derived: { days: 400 } };
    const open = () =>
      new RuleBench(planOfRules(RULES), {
        storage: new DynamoStorage({ ...table(), now, retention }),
        ruleState: new DynamoRuleState({ ...table(), now }),
      });
    const [a, b] = [open(), open()];
    await load(a.storage, { 'load{job="a",i="1"}': [1, 2, 3, 4, 5, 6, 7, 8], 'load{job="a",i="2"}': [1, 1, 1, 1] });
    for (const minute of [1, 3, 4, 7]) {
      await Promise.all([a.evaluateTo(minute * MINUTE), b.evaluateTo(minute * MINUTE)]);
    }
    const at = 7 * MINUTE;
    expect((await b.ruleState.read(TENANT))?.state.evaluatedTo).toBe(at);
    expect(await open().ask('{__name__=~"job:.*|load:.*|ALERTS.*"}', at)).toEqual([
      'ALERTS_FOR_STATE{alertname="High", job="a"} = 240',
      'ALERTS{alertname="High", alertstate="firing", job="a"} = 1',
      'job:load:sum{job="a"} = 9',
      'job:load:twice{job="a"} = 18',
      'load:max = 18',
    ]);
    expect(await open().ask('count_over_time(job:load:sum[1h])', at)).toEqual(['{job="a"} = 8']);
    expect(await open().ask('count_over_time(load:max[1h])', at)).toEqual(['{} = 8']);
  });
});

it('a result that the store refuses is an error of its rule, and holds back no other', async () => {
  const now = () => 10 * MINUTE;
  const collides = (labels: Labels) => ['job:load:sum', 'job:load:twice'].includes(labels.metricName);
  const bench = new RuleBench(planOfRules(RULES), {
    storage: new DynamoStorage({
      ...tableDouble(),
      now,
      retention: { normalised: { days: 2 }, derived: { days: 400 } },
      identify: (labels) =>
        collides(labels)
          ? { ...seriesIdentity(labels), id: '00000000000000ff', high: 0, low: 255 }
          : seriesIdentity(labels),
    }),
  });
  await load(bench.storage, { 'load{job="a",i="1"}': [1, 2, 3, 4, 5, 6, 7, 8] });
  for (const minute of [1, 3, 7]) {
    const outcome = await bench.evaluateTo(minute * MINUTE);
    expect(outcome?.failures).toMatchObject([
      { rule: 'job:load:twice', error: expect.stringContaining('would be stored as 00000000000000ff') },
    ]);
  }
  const { groups = {} } = (await bench.ruleState.read(TENANT))?.state ?? {};
  const rules = Object.values(groups).flatMap((group) => Object.values(group.rules));
  expect(rules.map(({ health }) => health)).toEqual(['ok', 'err', 'ok', 'ok']);
  expect(await bench.ask('count_over_time({__name__=~"job:.*|load:max"}[1h])', 7 * MINUTE)).toEqual([
    '{job="a"} = 8',
    '{} = 8',
  ]);
});
