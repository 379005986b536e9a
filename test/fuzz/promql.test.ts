import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { ExecutionError, ParseError, QueryTimeoutError } from '../../lib/promql/errors.ts';
import { DATA_START } from '../promql/differential/dataset.ts';
import { ask, fuzzPromql, limitedEngine, smallQuerier } from './promql.ts';

const many = (count: number, text: string) => text.repeat(count);

/** Expressions that ask for more than anyone may have. */
const HOSTILE: Readonly<Record<string, string>> = {
  'parentheses 10,000 deep': `${many(10_000, '(')}1${many(10_000, ')')}`,
  'calls 10,000 deep': `${many(10_000, 'abs(')}queue_length${many(10_000, ')')}`,
  'unary minus 10,000 deep': `${many(10_000, '-')}queue_length`,
  'subqueries 1,000 deep': `queue_length${many(1000, '[1m:1s]')}`,
  'nested subqueries': `${many(200, 'sum_over_time(')}queue_length${many(200, '[1m:1s])')}`,
  'a sum of 10,000 terms': Array.from({ length: 10_000 }, () => 'queue_length').join(' + '),
  'aggregations 5,000 deep': `${many(5000, 'sum(')}queue_length${many(5000, ')')}`,
  'everything over everything': 'sum({__name__=~".+"}) by (__name__, instance)[1y:1ms]',
  'a year by the millisecond': 'count_over_time(queue_length[1y:1ms])',
  'a regex that backtracks': `queue_length{instance=~"${many(30, '(a|a)*')}b"}`,
  'a regex with huge repeats': 'queue_length{instance=~"((a{1000}){1000}){1000}"}',
  'a regex in label_replace': `label_replace(queue_length, "x", "$1", "instance", "${many(25, '(.*)*')}!")`,
  'an endless string': `label_join(queue_length, "x", "${many(200_000, 'y')}", "job", "instance")`,
  'a number of 100,000 digits': many(100_000, '9'),
  'a duration of 100,000 digits': `queue_length[${many(100_000, '9')}s]`,
  'an unclosed string': `queue_length{job="${many(100_000, '\\')}`,
  'every join at once': `${many(12, '{__name__=~".+"} * on() group_left() ')}vector(1)`,
};

describe('hostile queries', () => {
  it.each(Object.entries(HOSTILE))('%s', async (_, query) => {
    const began = performance.now();
    for (const turn of [0, 1])
      expect(await ask(limitedEngine(), smallQuerier(1), query, turn)).toMatch(/^(answered|refused|timedOut)$/);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('refuses a range query of too many points', async () => {
    const query = limitedEngine().rangeQuery(smallQuerier(1), 'queue_length', { start: 0, end: DATA_START, step: 1 });
    await expect(query).rejects.toSatisfy(
      (error) => error instanceof ExecutionError || error instanceof QueryTimeoutError || error instanceof ParseError,
    );
  });
});

describe('the engine', () => {
  it('answers or refuses whatever it is asked', async () => {
    const report = await fuzzPromql(3000, 42);
    expect(report.failures.join('\n')).toBe('');
    expect(report.answered).toBeGreaterThan(600);
    expect(report.refused).toBeGreaterThan(600);
  }, 120_000);
});
