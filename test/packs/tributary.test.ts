import { describe, expect, it } from 'vitest';
import { load, RuleBench } from '../pipeline/evaluate/run-rules.ts';
import { planOfPacks } from './contextualize.ts';

const HOUR = 3600_000;
const WEEK = 7 * 24;

describe('the bill that the pack tributary watches', () => {
  it.each([
    ['is twice and a half of what it was', 0.25, 1],
    ['is a little more', 0.15, 0],
  ])('alerts where it %s a week ago', async (_, perHour, alerts) => {
    const bench = new RuleBench(planOfPacks(['tributary']));
    const bill = Array.from(
      { length: WEEK + 25 },
      (_, hour) => 0.1 * hour + (perHour - 0.1) * Math.max(0, hour - WEEK),
    );
    await load(
      bench.storage,
      { 'tributary_cost_usd_total{asserts_env="prod",job="tributary",term="writes"}': bill },
      { step: HOUR, retentionClass: 'derived' },
    );
    const outcome = await bench.evaluateTo((WEEK + 24) * HOUR, { maxCatchUp: HOUR });
    expect(outcome?.failures).toEqual([]);
    const firing = 'ALERTS{alertname="TributaryCostRising",alertstate="firing"}';
    expect(await bench.ask(firing, (WEEK + 24) * HOUR)).toHaveLength(alerts);
  });
});
