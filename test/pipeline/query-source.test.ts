import { afterEach, describe, expect, it } from 'vitest';
import { newApi } from '../../lib/api/app.ts';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_INTAKE_LIMITS, type QuerySource } from '../../lib/context/tenant.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { progressKey, querySources } from '../../lib/pipeline/query-source.ts';
import { querySourceDependencies } from '../../lib/pipeline/query-source-dependencies.ts';
import { answerDirectly } from '../../lib/pipeline/query-source-on-demand.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { dependenciesOf, tenantWithTokens } from '../api/fixture.ts';
import { series } from '../model/series.ts';
import { planOf } from '../plan/fixture.ts';
import { type FakeHandler, type FakeServer, LOCAL_ACCESS, startFakeServer } from '../remote/fake-server.ts';
import { counter, type RawSeries, rawStorage } from './query-source-fixture.ts';

const MINUTE = 60_000;
const T0 = 29_000_000 * MINUTE;
const SAMPLED = Array.from({ length: 400 }, (_, i) => T0 + i * 15_000 + 3000);
const RAW = ['a_total', 'b_total'].map((name, i) => counter(series(`${name}{env="e",pod="x"}`), SAMPLED, 3 + i));
const RULES =
  'app:a = a_total\napp:b = b_total\na = sum by (asserts_env) (rate(app:a[5m]))\nb = sum by (asserts_env) (rate(app:b[5m]))';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Our own API in the place of the user's Prometheus; `first` may answer instead. */
async function prometheusOf(raw: readonly RawSeries[], first: FakeHandler = () => false): Promise<FakeServer> {
  const storage = await rawStorage(raw);
  const api = newApi(
    dependenciesOf({ storage, engine: new Engine(), tenants: [tenantWithTokens('user')], anonymousTenant: 'user' }),
  );
  const server = await startFakeServer(async (seen, response) => {
    if ((await first(seen, response)) === true) return;
    const { method, url, headers, body } = seen;
    const type = headers['content-type'];
    const init = { method, headers: type === undefined ? {} : { 'content-type': type } };
    const answer = await api.fetch(
      new Request(url, method === 'POST' ? { ...init, body: new Uint8Array(body) } : init),
    );
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  open.push(server);
  return server;
}

function deploymentOf(url: string, more: Partial<QuerySource> = {}, rules = RULES) {
  const source: QuerySource = {
    name: 'prom',
    type: 'query',
    url,
    interval: MINUTE,
    timeout: 2000,
    delay: 30_000,
    maxCatchUp: 60 * MINUTE,
    access: LOCAL_ACCESS,
    limits: DEFAULT_ANSWER_LIMITS,
    scope: { env: { labels: ['env'] }, site: { labels: [] } },
    ...more,
  };
  const tenant = { name: 'shop', tokens: [], sources: [source], limits: DEFAULT_INTAKE_LIMITS };
  const clock = { now: T0 + 20 * MINUTE + 40_000 };
  const storage = new MemoryStorage();
  const ledger = new MemoryLedger();
  const progress = new MemoryRuleState();
  const setup = {
    plan: planOf(rules),
    tenants: [tenant],
    storage,
    ledger,
    progress,
    engine: new Engine(),
    secret: (text: string) => text,
    now: () => clock.now,
  };
  const fresh = () => querySourceDependencies(setup);
  const stored = async (name: string) => {
    const found = await storage.querier('shop').select({ mint: 0, maxt: 1e15 }, new Matcher('=', '__name__', name));
    return found.map(({ labels, floats }) => ({
      series: String(labels),
      minutes: Array.from(floats.timestamps, (time) => (time - T0) / MINUTE),
      values: Array.from(floats.values),
    }));
  };
  const totals = async () => (await ledger.totals('shop', 0, 1e15))[0];
  return { deps: fresh(), fresh, clock, storage, ledger, progress, stored, totals, target: { tenant, source } };
}

describe('querySources', () => {
  it('stores the results of the rules at the last time that is due, and nothing raw', async () => {
    const server = await prometheusOf(RAW);
    const { deps, stored, totals, storage } = deploymentOf(server.url);
    const [outcome] = await querySources(5000, deps);
    expect(outcome).toMatchObject({ times: 1, stored: 2, failures: [], behind: 0, skipped: 0 });
    expect(outcome?.cause).toBeUndefined();
    const [a] = await stored('a');
    expect(a).toMatchObject({ series: 'a{asserts_env="e"}', minutes: [20] });
    expect(a?.values[0]).toBeCloseTo((3 * 2) / 15, 1);
    expect(await storage.querier('shop').labelValues('__name__', { mint: 0, maxt: 1e15 })).toEqual(['a', 'b']);
    expect((await totals())?.tally).toMatchObject({
      accepted: 2,
      selected: 2,
      contextualized: 2,
      stored: 2,
      refused: {},
    });
    expect(server.seen.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'GET /api/v1/label/__name__/values',
      'POST /api/v1/query',
      'POST /api/v1/query',
    ]);
  });

  it('asks again for nothing that is done, and makes up for what it missed with range queries', async () => {
    const server = await prometheusOf(RAW);
    const { fresh, clock, stored } = deploymentOf(server.url);
    await querySources(5000, fresh());
    const asked = server.seen.length;
    expect(await querySources(5000, fresh())).toMatchObject([{ times: 0 }]);
    expect(server.seen.length).toBe(asked);
    clock.now += 40 * MINUTE;
    expect(await querySources(5000, fresh())).toMatchObject([{ times: 40, behind: 0, skipped: 0 }]);
    expect((await stored('a'))[0]?.minutes).toEqual(Array.from({ length: 41 }, (_, i) => 20 + i));
    expect(server.seen.slice(asked).filter(({ url }) => url.pathname.endsWith('query_range'))).toHaveLength(4);
  });

  it('gives the same for a range as time by time, and when everything is repeated', async () => {
    const server = await prometheusOf(RAW);
    const [stepwise, at] = [deploymentOf(server.url), deploymentOf(server.url)];
    for (let i = 0; i < 6; i++, stepwise.clock.now += MINUTE) await querySources(5000, stepwise.deps);
    await querySources(5000, at.deps);
    at.clock.now += 5 * MINUTE;
    await querySources(5000, at.fresh());
    expect(await at.stored('a')).toEqual(await stepwise.stored('a'));
    const before = [await at.stored('b'), (await at.totals())?.tally];
    const { revision } = (await at.progress.read(progressKey(at.target))) ?? { revision: 0 };
    const back = { planVersion: '', evaluatedTo: T0 + 20 * MINUTE, skipped: 0, groups: {} };
    expect(await at.progress.replace(progressKey(at.target), revision, back)).toBe(true);
    await querySources(5000, at.fresh());
    expect([await at.stored('b'), (await at.totals())?.tally]).toEqual(before);
  });

  it('counts a time once that two runs share, of which one was overtaken', async () => {
    const server = await prometheusOf(RAW);
    const { fresh, clock, progress, stored, totals, target } = deploymentOf(server.url);
    await querySources(5000, fresh());
    const begun = await progress.read(progressKey(target));
    clock.now += MINUTE;
    await querySources(5000, fresh());
    // It began before the one above, has a clock that is ahead, and ends after it: two times, and the first is done.
    clock.now += MINUTE;
    const overtaken = { read: () => Promise.resolve(begun), replace: () => Promise.resolve(false) };
    await querySources(5000, { ...fresh(), progress: overtaken });
    await querySources(5000, fresh());
    const samples = (await Promise.all(['a', 'b'].map(stored))).flat().flatMap(({ minutes }) => minutes);
    expect(samples).toHaveLength(6);
    expect((await totals())?.tally).toMatchObject({ accepted: 6, stored: 6, contextualized: 6 });
  });

  it('makes up for no more than it is told to, and says what it passed over', async () => {
    const server = await prometheusOf(RAW);
    const { deps, clock, progress, target } = deploymentOf(server.url, { maxCatchUp: 5 * MINUTE });
    await querySources(5000, deps);
    clock.now += 20 * MINUTE;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 5, skipped: 15 * MINUTE }]);
    expect((await progress.read(progressKey(target)))?.state.skipped).toBe(15 * MINUTE);
  });

  it('keeps what it can when one question fails, and tells why', async () => {
    const server = await prometheusOf(RAW, ({ body }, response) => {
      if (!decodeURIComponent(body.toString()).includes('a_total')) return false;
      response.writeHead(422).end('{"status":"error","errorType":"execution","error":"too many samples"}');
      return true;
    });
    const { deps, stored, totals } = deploymentOf(server.url);
    const [outcome] = await querySources(5000, deps);
    expect(outcome?.failures[0]).toMatchObject({ reason: 'query_failed: execution' });
    expect(outcome?.failures[0]?.detail).toContain('422 execution: too many samples');
    expect(await stored('a')).toEqual([]);
    expect(await stored('b')).toHaveLength(1);
    const account = await totals();
    expect(account?.tally.refused).toEqual({ 'query_failed: execution': 1 });
    expect(account?.examples.map(({ series }) => series)).toContain('a (rules.yml:6)');
  });

  it.each(['unknown function with name "histogram_count"', 'unsupported function "histogram_count"'])(
    'takes a server that does not know histograms for one that has none: %s',
    async (error) => {
      const server = await prometheusOf(RAW, ({ body }, response) => {
        if (!decodeURIComponent(body.toString()).includes('histogram_count')) return false;
        response.writeHead(422).end(JSON.stringify({ status: 'error', errorType: 'bad_data', error }));
        return true;
      });
      const rules = 'app:a = a_total\na = sum(rate(app:a[5m])) or sum(histogram_count(rate(app:a[5m])))';
      const { deps, stored } = deploymentOf(server.url, {}, rules);
      expect(await querySources(5000, deps)).toMatchObject([{ stored: 1, failures: [] }]);
      expect(await stored('a')).toHaveLength(1);
    },
  );

  it('goes on from where it was when a server was away', async () => {
    const state = { up: true };
    const server = await prometheusOf(RAW, (_seen, response) => {
      if (state.up) return false;
      response.writeHead(503).end('starting');
      return true;
    });
    const { deps, clock, stored, totals } = deploymentOf(server.url);
    await querySources(5000, deps);
    state.up = false;
    clock.now += 2 * MINUTE;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 0, behind: 2 * MINUTE }]);
    expect((await totals())?.tally.refused).toEqual({ 'query_failed: http_status': 2 });
    state.up = true;
    clock.now += MINUTE;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 3, behind: 0 }]);
    expect((await stored('a'))[0]?.minutes).toEqual([20, 21, 22, 23]);
  });

  it('ends series that vanish', async () => {
    const ending = SAMPLED.filter((time) => time < T0 + 21 * MINUTE);
    const server = await prometheusOf([counter(series('a_total{env="e"}'), ending, 3), RAW[1] as RawSeries]);
    const { deps, clock, stored } = deploymentOf(server.url);
    for (let i = 0; i < 10; i++, clock.now += MINUTE) await querySources(5000, deps);
    const [a] = await stored('a');
    expect(a?.minutes).toEqual([20, 21, 22, 23, 24, 25, 26]);
    expect(a?.values.map(isStaleNaN)).toEqual([false, false, false, false, false, false, true]);
  });

  it.each([
    ['no JSON', 200, '<html>', 'bad_response'],
    ['half an answer', 200, '{"status":"success","data":{"resultType":"vector"}}', 'bad_response'],
    [
      'another kind of answer',
      200,
      '{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}',
      'bad_response',
    ],
    ['values that are no floats', 200, vector('[1,2]'), 'bad_response'],
    ['credentials refused', 401, 'who are you', 'unauthorized'],
    ['too much', 200, vector('[1,"1"]', 300_000), 'body_too_large'],
    ['too many samples', 200, vector('[1,"1"]', 0, 9), 'body_too_large'],
  ])('survives %s', async (_name, status, body, reason) => {
    const server = await prometheusOf(RAW, ({ url }, response) => {
      if (url.pathname.includes('__name__')) return false;
      response.writeHead(status).end(body);
      return true;
    });
    const limits = { maxBodyBytes: 200_000, maxSamples: 5, maxConcurrency: 2 };
    const { deps, stored, totals } = deploymentOf(server.url, { limits });
    expect(await querySources(5000, deps)).toMatchObject([{ times: 0, stored: 0 }]);
    expect((await totals())?.tally.refused).toEqual({ [`query_failed: ${reason}`]: 2 });
    expect(await stored('a')).toEqual([]);
  });

  it.each([{ warnings: ['receive series from Addr: store-1: unavailable'] }, { isPartial: true }])(
    'stores no part of a sum where the server says that something is missing: %o',
    async (remark) => {
      const server = await prometheusOf(RAW, ({ body }, response) => {
        if (!decodeURIComponent(body.toString()).includes('a_total')) return false;
        const [status, text] = [200, vector('[1,"1"]').replace('{', `${JSON.stringify(remark).slice(0, -1)},`)];
        response.writeHead(status).end(text);
        return true;
      });
      const { deps, stored, totals } = deploymentOf(server.url);
      await querySources(5000, deps);
      expect(await stored('a')).toEqual([]);
      expect(await stored('b')).toHaveLength(1);
      expect((await totals())?.tally.refused).toEqual({ 'query_failed: partial': 1 });
    },
  );

  it('uses answers with remarks on the expression', async () => {
    const remark = '{"warnings":["PromQL warning: encountered a mix of histograms and floats"],';
    const server = await prometheusOf(RAW, ({ url }, response) => {
      if (url.pathname.includes('__name__')) return false;
      response.writeHead(200).end(vector('[1,"1"]').replace('"x":""', '"env":"e"').replace('{', remark));
      return true;
    });
    expect(await querySources(5000, deploymentOf(server.url).deps)).toMatchObject([{ stored: 2, failures: [] }]);
  });

  it('asks everything where the list of metrics may lack some', async () => {
    const server = await prometheusOf(RAW, ({ url }, response) => {
      if (!url.pathname.includes('__name__')) return false;
      response.writeHead(200).end('{"status":"success","isPartial":true,"data":["a_total"]}');
      return true;
    });
    expect(await querySources(5000, deploymentOf(server.url).deps)).toMatchObject([{ stored: 2, failures: [] }]);
  });

  it.each([
    ['a histogram beside the steps', (t: number) => ({ histograms: [[t + 7, { count: '2', sum: '1' }]] })],
    ['a value twice', (t: number) => ({ values: Array(2).fill([t, '1']) })],
    [
      'a value and a histogram at one time',
      (t: number) => ({ values: [[t, '1']], histograms: [[t, { count: '2', sum: '1' }]] }),
    ],
  ])('refuses a range with %s', async (_name, points) => {
    const server = await prometheusOf(RAW, ({ url, body }, response) => {
      if (!url.pathname.endsWith('query_range') || !decodeURIComponent(body.toString()).includes('a_total'))
        return false;
      const one = { metric: { env: 'e' }, ...points((T0 + 21 * MINUTE) / 1000) };
      response.writeHead(200).end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [one] } }));
      return true;
    });
    const { deps, clock, stored } = deploymentOf(server.url);
    await querySources(5000, deps);
    clock.now += 2 * MINUTE;
    const [outcome] = await querySources(5000, deps);
    expect(outcome).toMatchObject({ times: 2, failures: [{ reason: 'query_failed: bad_response' }, {}] });
    expect(outcome?.cause).toBeUndefined();
    expect((await stored('a'))[0]?.minutes).toEqual([20]);
    expect((await stored('b'))[0]?.minutes).toEqual([20, 21, 22]);
  });

  it('waits for nobody longer than its timeout, and asks no dead server twice', async () => {
    const silent = await prometheusOf(RAW, () => true);
    const slow = deploymentOf(silent.url, { timeout: 200 });
    const started = performance.now();
    expect(await querySources(5000, slow.deps)).toMatchObject([{ times: 0 }]);
    expect(performance.now() - started).toBeLessThan(1500);
    expect((await slow.totals())?.tally.refused).toEqual({ 'query_failed: timeout': 2 });
    const { deps, totals } = deploymentOf('http://127.0.0.1:1');
    await querySources(5000, deps);
    expect((await totals())?.tally.refused).toEqual({ 'query_failed: connection_refused': 2 });
  });

  it('asks everything where the server cannot list its metrics', async () => {
    const server = await prometheusOf(RAW, ({ url }, response) => {
      if (!url.pathname.includes('__name__')) return false;
      response.writeHead(404).end();
      return true;
    });
    const { deps } = deploymentOf(server.url);
    expect(await querySources(5000, deps)).toMatchObject([{ stored: 2, failures: [] }]);
  });

  it('is not down for metrics that nobody has, and up for none that are asked for', async () => {
    const state = { up: true };
    const server = await prometheusOf([RAW[0] as RawSeries], ({ url }, response) => {
      if (state.up || url.pathname.includes('__name__')) return false;
      response.writeHead(503).end('too busy');
      return true;
    });
    const { deps, clock, stored } = deploymentOf(server.url);
    await querySources(5000, deps);
    state.up = false;
    clock.now += 2 * MINUTE;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 0, behind: 2 * MINUTE }]);
    state.up = true;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 2, behind: 0 }]);
    expect((await stored('a'))[0]?.minutes).toEqual([20, 21, 22]);
  });

  it('leaves times due where the server goes away under way', async () => {
    const going = await prometheusOf(RAW, ({ body }) => {
      if (decodeURIComponent(body.toString()).includes('a_total')) setImmediate(() => void going.close());
      return false;
    });
    const limits = { ...DEFAULT_ANSWER_LIMITS, maxConcurrency: 1 };
    const { deps, progress, stored, target } = deploymentOf(going.url, { limits });
    expect(await querySources(5000, deps)).toMatchObject([{ times: 0, behind: MINUTE }]);
    expect(await stored('a')).toEqual([]);
    expect(await progress.read(progressKey(target))).toBeUndefined();
  });

  it('asks time by time where a range is too much for one answer', async () => {
    const many = Array.from({ length: 10 }, (_, i) => counter(series(`a_total{env="e${i}"}`), SAMPLED, 3 + i));
    const server = await prometheusOf([...many, RAW[1] as RawSeries]);
    const limits = { ...DEFAULT_ANSWER_LIMITS, maxSamples: 20 };
    const { deps, clock, stored } = deploymentOf(server.url, { limits });
    await querySources(5000, deps);
    clock.now += 6 * MINUTE;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 6, behind: 0, failures: [] }]);
    const found = await stored('a');
    expect(found.map(({ minutes }) => minutes)).toEqual(Array(10).fill([20, 21, 22, 23, 24, 25, 26]));
  });

  it('asks time by time where a range takes too long', async () => {
    const server = await prometheusOf(RAW, ({ url, body }) => {
      return url.pathname.endsWith('query_range') && decodeURIComponent(body.toString()).includes('b_total');
    });
    const { deps, clock, stored } = deploymentOf(server.url, { timeout: 500 });
    await querySources(5000, deps);
    clock.now += 3 * MINUTE;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 3, behind: 0, failures: [] }]);
    expect((await stored('b'))[0]?.minutes).toEqual([20, 21, 22, 23]);
  });

  it('leaves a time to the next run whose questions the end of this one cut short', async () => {
    const state = { slow: true, asked: 0 };
    const limits = { ...DEFAULT_ANSWER_LIMITS, maxConcurrency: 1, maxSamples: 1 };
    const server = await prometheusOf(RAW, async ({ body }) => {
      if (!state.slow || !decodeURIComponent(body.toString()).includes('b_total')) return false;
      if (++state.asked > 1) return true;
      await new Promise((resolve) => setTimeout(resolve, 1300));
      return false;
    });
    const { deps, clock, stored, progress, target } = deploymentOf(server.url, { limits });
    const state0 = { planVersion: '', evaluatedTo: T0 + 19 * MINUTE, skipped: 0, groups: {} };
    await progress.replace(progressKey(target), 0, state0);
    clock.now += MINUTE;
    // The range is too much for one answer; then the first time is answered late, and the second one never.
    expect(await querySources(2400, deps)).toMatchObject([{ times: 1, behind: MINUTE }]);
    state.slow = false;
    expect(await querySources(5000, deps)).toMatchObject([{ times: 1, behind: 0 }]);
    expect((await stored('b'))[0]?.minutes).toEqual([20, 21]);
  });

  it('goes on at multiples of an interval that was changed', async () => {
    const server = await prometheusOf(RAW);
    const before = deploymentOf(server.url);
    before.clock.now += 3 * MINUTE;
    await querySources(5000, before.deps);
    const { deps, clock, stored } = deploymentOf(server.url, { interval: 5 * MINUTE });
    clock.now += 10 * MINUTE;
    await querySources(5000, { ...deps, progress: before.progress });
    expect((await stored('a'))[0]?.minutes).toEqual([25, 30]);
  });

  it('says what series have no environment', async () => {
    const server = await prometheusOf(RAW);
    const { deps, totals } = deploymentOf(server.url, { scope: { env: { labels: [] }, site: { labels: [] } } });
    await querySources(5000, deps);
    const account = await totals();
    expect(account?.tally).toMatchObject({ accepted: 2, contextualized: 0, stored: 0, dropped: { no_asserts_env: 2 } });
  });

  it('leaves to the next run what it has no time for', async () => {
    const server = await prometheusOf(RAW);
    const { deps } = deploymentOf(server.url);
    expect(await querySources(0, deps)).toMatchObject([{ times: 0, behind: MINUTE }]);
    expect(server.seen).toEqual([]);
  });
});

describe('answerDirectly', () => {
  it('runs one expression on one source', async () => {
    const server = await prometheusOf(RAW);
    const { deps } = deploymentOf(server.url);
    const question = { tenant: 'shop', source: 'prom', query: 'count by (pod) (a_total)', time: T0 / 1000 + 600 };
    expect((await answerDirectly(question, deps)).data).toEqual({
      resultType: 'vector',
      result: [{ metric: { pod: 'x' }, value: [T0 / 1000 + 600, '1'] }],
    });
    expect(() => answerDirectly({ ...question, source: 'other' }, deps)).toThrow(
      /no such query source; it has shop\/prom/,
    );
  });
});

function vector(value: string, padding = 0, count = 1): string {
  const one = (_: unknown, i: number) => `{"metric":{"x":"${'y'.repeat(padding + i)}"},"value":${value}}`;
  return `{"status":"success","data":{"resultType":"vector","result":[${Array.from({ length: count }, one)}]}}`;
}
