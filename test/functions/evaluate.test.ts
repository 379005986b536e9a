import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { evaluate } from '../../functions/evaluate.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { load, planOfRules, TENANT } from '../pipeline/evaluate/run-rules.ts';

const NOW = 600_000;
const RULES = `groups: [{name: g, rules: [{record: "a:sum", expr: "sum(load)"}, {record: "a:broken", expr: "load * on () load"}]}]`;

function dependencies(tenants: readonly string[]) {
  return {
    plan: preparePlan(planOfRules(RULES), { interval: 60_000 }),
    tenants: tenants.map((name) => ({ name })),
    storage: new MemoryStorage(),
    ruleState: new MemoryRuleState(),
    engine: new Engine(),
    settings: { interval: 60_000, delay: 60_000, maxCatchUp: 120_000 },
    externalUrl: '',
    now: () => NOW,
  };
}

describe('functions/evaluate', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('evaluates what is due for every tenant, and logs rules that fail', async () => {
    const warned = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const deps = dependencies([TENANT, 'empty']);
    await load(deps.storage, { 'load{i="1"}': Array(11).fill(1), 'load{i="2"}': Array(11).fill(2) });
    const outcomes = await evaluate(deps, 30_000);
    expect(outcomes.map(({ tenant, evaluations, samples }) => [tenant, evaluations, samples])).toEqual([
      [TENANT, 4, 2],
      ['empty', 4, 0],
    ]);
    expect(warned.mock.calls).toMatchObject([
      ['a rule failed', { tenant: TENANT, rule: 'a:broken', at: 'rules0.yml:1' }],
    ]);
  });

  it('logs the fault of one tenant, and goes on with the others', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const inner = dependencies(['bad', 'good']);
    const ruleState = {
      read: async (tenant: string) => {
        if (tenant === 'bad') throw new Error('the table is away');
        return undefined;
      },
      replace: async () => true,
    };
    const outcomes = await evaluate({ ...inner, ruleState }, 30_000);
    expect(outcomes.find(({ tenant }) => tenant === 'good')).toMatchObject({ evaluations: 4 });
    expect(outcomes.find(({ tenant }) => tenant === 'bad')?.error?.message).toBe('the table is away');
    expect(logged.mock.calls).toMatchObject([['cannot evaluate the rules of a tenant', { tenant: 'bad' }]]);
  });
});
