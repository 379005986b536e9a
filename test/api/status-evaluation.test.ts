import { describe, expect, it } from 'vitest';
import { DEFAULT_SCOPE } from '../../lib/context/tenant.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { planOfRules } from '../pipeline/evaluate/run-rules.ts';
import { apiOf, get, NOW, PLAN, tenantWithTokens } from './fixture.ts';

const RULES = planOfRules('groups: [{name: one, rules: [{record: "job:foo:sum", expr: "sum by (job) (foo)"}]}]');

async function statusOf(evaluatedTo?: number, changes: object = {}) {
  const ruleState = new MemoryRuleState();
  const rule = {
    health: 'err',
    lastError: 'many-to-many',
    lastEvaluation: 7,
    evaluationSeconds: 1,
    alerts: [],
  } as const;
  const groups = {
    'f;one': { lastEvaluation: 7, evaluationSeconds: 1, rules: { a: rule, b: { ...rule, health: 'ok' as const } } },
  };
  if (evaluatedTo !== undefined) {
    await ruleState.replace('acme', 0, { planVersion: 'p', evaluatedTo, skipped: 60_000, groups });
  }
  const response = await apiOf({ plan: RULES, ruleState, ...changes }).fetch(get('/api/v1/status/evaluation'));
  return ((await response.json()) as { data: unknown }).data;
}

describe('/api/v1/status/evaluation', () => {
  it('tells how far the evaluator is, what it passed over, and which rules fail', async () => {
    expect(await statusOf(NOW - 90_000)).toEqual({
      now: NOW,
      verdict: 'current',
      evaluatedTo: NOW - 90_000,
      lag: 90_000,
      behindAfter: 360_000,
      skipped: 60_000,
      failing: [{ group: 'f;one', rule: 'a', error: 'many-to-many', lastEvaluation: 7 }],
    });
  });

  it('is behind after the delay, three intervals, and a run', async () => {
    expect(await statusOf(NOW - 360_001)).toMatchObject({ verdict: 'behind' });
    expect(await statusOf(NOW - 360_001, { evaluationDelay: 120_000 })).toMatchObject({ verdict: 'current' });
  });

  it('says so when nothing was evaluated yet, or nothing is to be', async () => {
    expect(await statusOf()).toMatchObject({ verdict: 'never', failing: [] });
    expect(await statusOf(undefined, { plan: PLAN })).toMatchObject({ verdict: 'none' });
  });

  it('waits for no evaluation where servers that are asked compute all rules', async () => {
    const asked = { name: 'thanos', type: 'query', interval: 60_000, delay: 30_000, scope: DEFAULT_SCOPE };
    const tenants = [{ ...tenantWithTokens('acme'), sources: [asked] }];
    const ofRaw = planOfRules(
      'groups: [{name: one, rules: [{record: my_total, expr: foo}, {record: "job:my:sum", expr: "sum by (job) (my_total)"}]}]',
    );
    expect([ofRaw.mappings.length, ofRaw.derived.length]).toEqual([1, 1]);
    expect(await statusOf(undefined, { tenants, plan: ofRaw })).toMatchObject({ verdict: 'none' });
    expect(await statusOf(undefined, { plan: ofRaw })).toMatchObject({ verdict: 'never' });
    const alert = planOfRules('groups: [{name: one, rules: [{alert: A, expr: "job:foo:sum > 1"}]}]');
    expect(await statusOf(undefined, { tenants, plan: alert })).toMatchObject({ verdict: 'never' });
  });
});
