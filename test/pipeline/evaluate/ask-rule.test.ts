import { describe, expect, it } from 'vitest';
import { type Answer, askRule, type RuleEngine } from '../../../lib/pipeline/evaluate/ask-rule.ts';
import { preparePlan } from '../../../lib/pipeline/evaluate/prepared-plan.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { load, planOfRules, TENANT } from './run-rules.ts';

const MINUTE = 60_000;
const TIMES = [1, 2, 3, 4].map((minute) => minute * MINUTE);

async function querier() {
  const storage = new MemoryStorage();
  await load(storage, { 'load{i="1"}': [1, 2, 3, 4, 5], 'load{i="2"}': [1, undefined, undefined, 1, 1] });
  return storage.querier(TENANT);
}

const text = ({ series }: Answer) =>
  series
    .map(({ labels, timestamps, values }) => `${labels} ${[...timestamps].map((t, i) => `${t / MINUTE}=${values[i]}`)}`)
    .sort();

/** Counts what it is asked. */
function counting(): RuleEngine & { readonly asked: string[] } {
  const engine = new Engine();
  const asked: string[] = [];
  return {
    asked,
    instantQuery: (...args) => {
      asked.push('instant');
      return engine.instantQuery(...args);
    },
    rangeQuery: (...args) => {
      asked.push('range');
      return engine.rangeQuery(...args);
    },
  };
}

describe('askRule', () => {
  it.each(['sum(load)', 'rate(load[2m])', 'load > 2', 'vector(1)', '5', 'absent(load{i="9"})', 'load offset 1m'])(
    'gives the same of %s in one range query as time by time',
    async (expr) => {
      const engine = counting();
      const at = await querier();
      const range = await askRule(engine, at, { expr, times: TIMES, allowsRange: true });
      expect(engine.asked).toEqual(['range']);
      const each = await askRule(engine, at, { expr, times: TIMES, allowsRange: false });
      expect(text(range)).toEqual(text(each));
      expect(range.failed.size + each.failed.size).toBe(0);
      expect(range.series.length).toBeGreaterThan(0);
    },
  );

  it('lets a time at which the expression fails fail alone', async () => {
    const storage = new MemoryStorage();
    await load(storage, {
      'a{x="1"}': [1, 1, 1, 1, 1],
      'b{y="1"}': [1, 1, 1, 1, 1],
      'b{y="2"}': [undefined, undefined, 1],
    });
    const engine = counting();
    const answer = await askRule(engine, storage.querier(TENANT), {
      expr: 'a * on () b',
      times: [0, MINUTE, 2 * MINUTE],
      allowsRange: true,
    });
    expect(engine.asked).toEqual(['range', 'instant', 'instant', 'instant']);
    expect(text(answer)).toEqual(['{} 0=1,1=1']);
    expect([...answer.failed.keys()]).toEqual([2 * MINUTE]);
    expect(answer.failed.get(2 * MINUTE)).toMatch(/many-to-many matching not allowed/);
  });

  it('says that a text is no result of a rule', async () => {
    const { failed } = await askRule(new Engine(), await querier(), { expr: '"x"', times: [0], allowsRange: true });
    expect(failed.get(0)).toBe('rule result is not a vector or scalar');
  });
});

describe('preparePlan', () => {
  const prepare = (expr: string) => {
    const rules = `groups: [{name: g, rules: [{record: r, expr: ${JSON.stringify(expr)}}]}]`;
    const rule = preparePlan(planOfRules(rules), { interval: MINUTE }).groups[0]?.rules[0];
    return [rule?.allowsRange, [...(rule?.reads.names ?? [])], rule?.reads.reach];
  };

  it('knows what can be computed over several times at once', () => {
    expect(prepare('sum(a @ end())')[0]).toBe(false);
    expect(prepare('sum(sum_over_time(a[5m:1m] @ start()))')[0]).toBe(false);
    expect(prepare('sum(a @ 5)')[0]).toBe(true);
  });

  it('knows what rules read not far back', () => {
    expect(prepare('sum(rate(a[10m])) / sum({__name__=~"b|c"})')).toEqual([true, ['a', 'b', 'c'], 10 * MINUTE - 1]);
    expect(prepare('sum(a) - sum(rate(b[1h])) - sum(c offset 1d) - sum(d offset -5m)').slice(1)).toEqual([
      ['a'],
      5 * MINUTE - 1,
    ]);
    expect(prepare('sum({x="1"})').slice(1)).toEqual([[], 5 * MINUTE - 1]);
  });
});

describe('a store that cannot be read now', () => {
  it('ends the evaluation, so that its times are evaluated again', async () => {
    const away = new StorageUnavailableError('the table is out of reach');
    const broken: Querier = { ...(await querier()), select: () => Promise.reject(away) };
    for (const allowsRange of [true, false]) {
      await expect(askRule(new Engine(), broken, { expr: 'load', times: TIMES, allowsRange })).rejects.toBe(away);
    }
  });
});
