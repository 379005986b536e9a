import { describe, expect, it } from 'vitest';
import { Matcher } from '../../../lib/model/matcher.ts';
import type { QueryData, QueryResult, ResultSeries } from '../../../lib/promql/result.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import { parseScript } from './parse-script.ts';
import { type Outcome, runScript, type ScriptEngine } from './run-script.ts';

const NO_STATS = { totalQueryableSamples: 0, peakSamples: 0, parseMs: 0, storeMs: 0, evalMs: 0 };

/** Knows one kind of query, a metric name, and answers with the samples of exactly the times asked for. */
class ExactEngine implements ScriptEngine {
  readonly warnings: string[] = [];
  readonly asked: string[] = [];

  async instantQuery(querier: Querier, query: string, timeMs: number): Promise<QueryResult> {
    this.asked.push(`${query} at ${timeMs}`);
    if (query.startsWith('broken')) throw new Error('this query is broken');
    const series = await this.#series(querier, query, timeMs, timeMs);
    const samples = series.map(({ labels, values }) => ({ labels, timestamp: timeMs, value: values[0] as number }));
    return this.#result({ kind: 'vector', samples });
  }

  async rangeQuery(querier: Querier, query: string, times: { start: number; end: number }): Promise<QueryResult> {
    this.asked.push(`${query} from ${times.start} to ${times.end}`);
    return this.#result({ kind: 'matrix', series: await this.#series(querier, query, times.start, times.end) });
  }

  async #series(querier: Querier, query: string, mint: number, maxt: number): Promise<ResultSeries[]> {
    const [name = '', pin] = query.split(' @ ');
    const [from, to] = pin === undefined ? [mint, maxt] : [Number(pin) * 1000, Number(pin) * 1000];
    const found = await querier.select({ mint: from, maxt: to }, new Matcher('=', '__name__', name));
    return found.map(({ labels, floats }) => ({
      labels,
      timestamps: pin === undefined ? floats.timestamps : Float64Array.of((mint + maxt) / 2),
      values: floats.values,
      histogramTimestamps: new Float64Array(),
      histograms: [],
    }));
  }

  #result(data: QueryData): QueryResult {
    return { data, warnings: this.warnings, infos: [], stats: NO_STATS };
  }
}

async function run(source: string, engine: ScriptEngine = new ExactEngine()): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of runScript(parseScript('x.test', source), engine)) outcomes.push(outcome);
  return outcomes;
}

const LOAD = 'load 1m\n a{b="1"} 0 1 2 3\n a{b="2"} 0 10 20 30\n\n';

describe('an outcome', () => {
  it.each([
    ['eval instant at 1m a\n a{b="2"} 10\n a{b="1"} 1', ''],
    ['eval instant at 1m a\n a{b="1"} 1', 'unexpected a{b="2"} 10'],
    ['eval instant at 1m a\n a{b="1"} 1\n a{b="2"} 10\n a{b="3"} 10', 'no a{b="3"} in the result'],
    ['eval instant at 1m a\n a{b="1"} 1\n a{b="2"} 10.0001', 'a{b="2"}: got 10, not 10.0001'],
    ['eval instant at 1m a\n a{b="1"} 1\n a{b="2"} 10.000001', ''],
    ['eval instant at 1m a\n expect ordered\n a{b="2"} 10\n a{b="1"} 1', 'a{b="1"} comes at position 1, not 2'],
    ['eval instant at 1m a\n 1', 'got a vector, not a scalar'],
    ['eval instant at 9m a', ''],
    ['eval range from 0 to 2m step 1m a\n a{b="1"} 0 1 2\n a{b="2"} 0 10 20', ''],
    ['eval range from 0 to 2m step 1m a\n a{b="1"} 0 1\n a{b="2"} 0 10 20', 'a{b="1"}: at 120000 ms 2, not nothing'],
    ['eval range from 0 to 2m step 1m a\n a{b="1"} 0 _ 2\n a{b="2"} 0 10 20', 'a{b="1"}: at 60000 ms 1, not nothing'],
    ['eval instant at 1m broken\n expect fail', ''],
    ['eval instant at 1m broken\n expect fail msg: this query is broken', ''],
    ['eval instant at 1m broken\n expect fail msg: other', 'it fails otherwise than other'],
    ['eval instant at 1m broken', 'the query fails: this query is broken'],
    ['eval instant at 9m a\n expect fail', 'the query is expected to fail'],
    ['eval instant at 9m a\n expect warn', 'expected a warning, got none'],
  ])('%j', async (source, reason) => {
    const [outcome] = await run(LOAD + source);
    expect(outcome).toMatchObject({ line: 5, reason, status: reason === '' ? 'passed' : 'failed' });
  });

  it('weighs annotations as the command asks', async () => {
    const engine = new ExactEngine();
    engine.warnings.push('PromQL warning: odd (1:1)');
    const reasons = (
      await run(
        [
          'eval instant at 1m a',
          'eval instant at 1m a\n expect warn',
          'eval instant at 1m a\n expect warn msg: PromQL warning: odd (1:1)',
          'eval instant at 1m a\n expect warn msg: PromQL warning: odd',
          'eval instant at 1m a\n expect warn regex: odd',
          'eval instant at 1m a\n expect no_warn',
        ].join('\n\n'),
        engine,
      )
    ).map((outcome) => outcome.reason);
    expect(reasons).toEqual([
      '',
      '',
      '',
      'no warning is "PromQL warning: odd", got ["PromQL warning: odd (1:1)"]',
      '',
      'unexpected warning: PromQL warning: odd (1:1)',
    ]);
  });

  it('comes from several evaluations of an instant query', async () => {
    const engine = new ExactEngine();
    expect((await run(`${LOAD}eval instant at 1m a\n a{b="1"} 1\n a{b="2"} 10`, engine))[0]?.status).toBe('passed');
    expect(engine.asked).toEqual([
      'a at 60000',
      'a from 0 to 120000',
      ...[-600_000, 0, 12_000, 60_000, 600_000].flatMap((time) => [
        `a @ 60.000 at ${time}`,
        `a @ 60.000 from ${time - 60_000} to ${time + 60_000}`,
      ]),
    ]);
  });
});

describe('the storage', () => {
  it('starts anew after clear', async () => {
    const outcomes = await run(`${LOAD}clear\neval instant at 1m a`);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['passed']);
  });

  it('refuses a second value for one time and start times without values', async () => {
    await expect(run('load 1m\n a 1\n\nload 1m\n a 2')).rejects.toThrow('x.test:5: a has a value at 0 ms already');
    expect(await run('load 1m\n a 1\n a 2\n\neval instant at 0 a\n a 2')).toMatchObject([{ status: 'passed' }]);
    await expect(run('load 1m\n a@st 1s')).rejects.toThrow('x.test:2: start times for a, which has no values');
  });

  it('hands out histograms with the reset hints of a real store, and classic ones converted', async () => {
    const seen: unknown[] = [];
    const engine: ScriptEngine = {
      async instantQuery(querier, query) {
        const found = await querier.select({ mint: 0, maxt: 1e9 }, new Matcher('=', '__name__', query));
        seen.push(...found.flatMap((series) => series.histograms?.histograms ?? []));
        return { data: { kind: 'vector', samples: [] }, warnings: [], infos: [], stats: NO_STATS };
      },
      async rangeQuery() {
        return { data: { kind: 'matrix', series: [] }, warnings: [], infos: [], stats: NO_STATS };
      },
    };
    const hint = '{{count:1 counter_reset_hint:gauge}}';
    await run(
      `load 1m\n h {{count:1}} {{count:2}} {{count:1}} ${hint} {{count:5}} 1 {{count:6}}\n\neval instant at 0 h`,
      engine,
    );
    expect(seen.slice(0, 6)).toMatchObject(
      ['unknown', 'no', 'unknown', 'gauge', 'unknown', 'unknown'].map((resetHint) => ({ resetHint, isFloat: true })),
    );
    seen.length = 0;
    await run(
      'load_with_nhcb 1m\n c_bucket{le="1"} 1\n c_bucket{le="2.5"} 3\n c_bucket{le="+Inf"} 4\n c_sum 9\n\neval instant at 0 c',
      engine,
    );
    expect(seen[0]).toMatchObject({ schema: -53, count: 4, sum: 9, positiveCounts: [1, 2, 1], customValues: [1, 2.5] });
  });
});
