import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_INTAKE_LIMITS, type QuerySource } from '../../lib/context/tenant.ts';
import { formatFloat } from '../../lib/model/format-float.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { querySources } from '../../lib/pipeline/query-source.ts';
import { querySourceDependencies } from '../../lib/pipeline/query-source-dependencies.ts';
import { askOnDemand } from '../../lib/pipeline/query-source-on-demand.ts';
import { scrape } from '../../lib/pipeline/scrape.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { newRemoteClient, type RemoteClient } from '../../lib/remote/remote-client.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { runCommand, writeConfiguration } from '../cli/setup-fixture.ts';
import { Child, freePort, isInstalled } from '../e2e/child.ts';
import { defaultPlan as plan } from '../packs/contextualize.ts';
import { LOCAL_ACCESS } from '../remote/fake-server.ts';
import { storedPoints } from './query-source-fixture.ts';
import { PACK_SCOPE, RAW, TIMES } from './query-source-raw.ts';
import { drain, scrapeFixture, sourceOf } from './scrape-fixture.ts';

const PROGRAM = 'victoria-metrics';

if (!isInstalled(PROGRAM)) {
  console.warn(`SKIPPED: federation and query with a real VictoriaMetrics, because ${PROGRAM} cannot be run here`);
  describe('a real VictoriaMetrics', () => it.skip(`needs ${PROGRAM}`, () => {}));
} else {
  describe('a real VictoriaMetrics', () => againstVictoriaMetrics());
}

function againstVictoriaMetrics(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-victoria-'));
  let server: Child;
  let source: QuerySource;
  let client: RemoteClient;

  beforeAll(async () => {
    const port = await freePort();
    server = new Child(PROGRAM, [
      `-storageDataPath=${folder}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=100y',
    ]);
    const url = `http://127.0.0.1:${port}`;
    await server.answers(`${url}/health`);
    client = newRemoteClient({ url, access: LOCAL_ACCESS, secret: (text) => text });
    const limits = DEFAULT_ANSWER_LIMITS;
    const times = { interval: TIMES.step, timeout: 5000, delay: 0, maxCatchUp: 3600_000 };
    source = { name: 'vm', type: 'query', url, ...times, access: LOCAL_ACCESS, limits, scope: PACK_SCOPE };
    await load(
      RAW.flatMap(({ labels, samples }) => samples.map(([time, value]) => `${labels} ${formatFloat(value)} ${time}`)),
    );
  }, 60_000);

  afterAll(async () => {
    client?.close();
    await server?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives a query source the series of the packs, on schedule and made up for in a range', async () => {
    const storage = new MemoryStorage();
    const clock = { now: TIMES.start };
    const tenant = { name: 'shop', tokens: [], sources: [source], limits: DEFAULT_INTAKE_LIMITS };
    const deps = querySourceDependencies({
      plan,
      tenants: [tenant],
      storage,
      ledger: new MemoryLedger(),
      progress: new MemoryRuleState(),
      engine: new Engine(),
      secret: (text) => text,
      now: () => clock.now,
    });
    expect(await querySources(20_000, deps)).toMatchObject([{ times: 1, failures: [], behind: 0 }]);
    clock.now = TIMES.end;
    expect(await querySources(20_000, deps)).toMatchObject([{ times: 3, failures: [], behind: 0 }]);
    const everything = await storage.querier('shop').select({ mint: 0, maxt: 1e15 }, new Matcher('!=', '__name__', ''));
    const points = new Map<string, number>();
    for (const { labels, floats } of everything) {
      for (const [i, time] of floats.timestamps.entries())
        points.set(`${labels} @ ${time}`, floats.values[i] as number);
    }
    const stored = await storedPoints(plan, PACK_SCOPE, RAW, TIMES);
    expect([...points.keys()].sort()).toEqual([...stored.keys()].sort());
    // Its rate() does not extrapolate to the ends of the window: near a reset that makes some per cent.
    for (const [key, value] of points) {
      const expected = stored.get(key) ?? Number.NaN;
      const isNear = Object.is(value, expected) || Math.abs(value - expected) <= 0.05 * Math.abs(expected);
      expect(isNear, `${key}: ${value}, not ${expected}`).toBe(true);
    }
  }, 60_000);

  it('answers on demand, and refuses in its own words', async () => {
    const at = { start: TIMES.start, end: TIMES.end, step: TIMES.step };
    const { data } = await askOnDemand(client, source, { query: 'count(node_cpu_seconds_total)', at });
    const values = [0, 1, 2, 3].map((i) => [(TIMES.start + i * TIMES.step) / 1000, '6']);
    expect(data).toEqual({ resultType: 'matrix', result: [{ metric: {}, values }] });
    await expect(askOnDemand(client, source, { query: 'sum(', at: TIMES.start })).rejects.toMatchObject({
      errorType: '422',
      status: 422,
      said: expect.stringContaining('unexpected token'),
    });
  });

  it('is read by federation, sample for sample', async () => {
    const now = Date.now();
    const samples = [
      ['up{job="a"}', 1],
      ['up{job="b"}', 0.125],
      ['cpu{mode="user"}', 4711.25],
      ['cpu{mode="idle"}', 7],
      ['unused', 1],
    ] as const;
    await load(samples.map(([labels, value]) => `${labels} ${value} ${now - 5000}`));
    const { deps, queue, clock } = scrapeFixture([sourceOf([source.url])]);
    clock.now = now;
    expect(await scrape(now, 5000, deps)).toMatchObject([{ accepted: 3, failures: [] }]);
    const { series, accounts } = drain(queue);
    const found = [...series].map(([labels, entry]) => [
      labels,
      entry.samples.map(({ value, timestamp }) => [value, timestamp]),
    ]);
    expect(found.sort()).toEqual([
      ['cpu{mode="user"}', [[4711.25, now - 5000]]],
      ['up{job="a"}', [[1, now - 5000]]],
      ['up{job="b"}', [[0.125, now - 5000]]],
    ]);
    expect(accounts).toMatchObject([{ tally: { accepted: 3, selected: 3, unselected: 0, refused: {} } }]);
    deps.memory.close();
  }, 30_000);

  it('is examined by the doctor', async () => {
    // It answers for half a minute ago, when everything has arrived.
    await load([`node_load1{env="prod",instance="n"} 1 ${Date.now() - 60_000}`]);
    const access = 'allow_networks: [loopback], scope: {env: {labels: [env]}}';
    const config = writeConfiguration(
      `  - {name: shop, tokens: [], sources: [{name: vm, type: query, url: '${source.url}', ${access}}]}\n`,
      '[node]',
    );
    const { code, out } = await runCommand(['doctor', 'vm', '-c', config]);
    expect(out).toMatch(/ok +version +VictoriaMetrics/);
    expect(out).toMatch(/ok +clock/);
    expect(out).toMatch(/ok +packs +node finds 1 of its \d+ metrics: node_load1/);
    expect(out).toMatch(/ok +series +1 of \d+ series are selected/);
    expect([code, out]).toEqual([0, expect.stringContaining('Nothing is broken.')]);
  }, 30_000);

  /** Lines of `series value timestamp`, and makes them visible. */
  async function load(lines: readonly string[]): Promise<void> {
    const body = lines.map((line) => `${line.replaceAll('", ', '",')}\n`).join('');
    const { status } = await fetch(`${source.url}/api/v1/import/prometheus`, { method: 'POST', body });
    expect(status, server.output).toBe(204);
    await fetch(`${source.url}/internal/force_flush`);
  }
}
