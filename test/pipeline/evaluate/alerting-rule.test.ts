import { describe, expect, it } from 'vitest';
import { evaluateAlertingRule } from '../../../lib/pipeline/evaluate/alerting-rule.ts';
import { PendingSamples } from '../../../lib/pipeline/evaluate/pending-samples.ts';
import { type PreparedAlertingRule, preparePlan } from '../../../lib/pipeline/evaluate/prepared-plan.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { load, planOfRules, TENANT } from './run-rules.ts';

const MINUTE = 60_000;
const RULES = `groups:
  - name: g
    rules:
      - alert: Loaded
        expr: load > 0
        labels: {owner: '{{ with query "owners" }}{{ . | first | label "team" }}{{ end }}'}
`;

describe('a template that asks the store', () => {
  it('ends the evaluation where the store cannot be read now, so that the alert gets no other labels', async () => {
    const away = new StorageUnavailableError('cannot read table prod: out of reach');
    const outcome = evaluate((name) => (name === 'owners' ? Promise.reject(away) : undefined));
    await expect(outcome).rejects.toThrow(away);
  });

  it('shows any other error where the alert is read', async () => {
    const { error, alerts } = await evaluate((name) =>
      name === 'owners' ? Promise.reject(new Error('no such thing')) : undefined,
    );
    expect(error).toBeUndefined();
    expect(alerts[0]?.labels['owner']).toMatch(/^<error expanding template: .*no such thing/);
  });
});

/** @param fault of a read of a metric; undefined: it is read. */
async function evaluate(fault: (metric: string) => Promise<never> | undefined) {
  const storage = new MemoryStorage();
  await load(storage, { 'load{i="1"}': [1, 1] });
  const stored = storage.querier(TENANT);
  const querier: Querier = {
    ...stored,
    select: (hints, ...matchers) =>
      fault(matchers.find(({ name }) => name === '__name__')?.value ?? '') ?? stored.select(hints, ...matchers),
  };
  const rule = preparePlan(planOfRules(RULES), { interval: MINUTE }).groups[0]?.rules[0] as PreparedAlertingRule;
  return evaluateAlertingRule(rule, [], {
    engine: new Engine(),
    querier,
    pending: new PendingSamples(),
    times: [MINUTE],
    queryOffset: 0,
    limit: 0,
    succeededAt: undefined,
    externalUrl: '',
  });
}
