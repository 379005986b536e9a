import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_INTAKE_LIMITS, type QuerySource } from '../../lib/context/tenant.ts';
import { formatFloat } from '../../lib/model/format-float.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { querySources } from '../../lib/pipeline/query-source.ts';
import { querySourceDependencies } from '../../lib/pipeline/query-source-dependencies.ts';
import { askOnDemand } from '../../lib/pipeline/query-source-on-demand.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { Child, freePort, isInstalled } from '../e2e/child.ts';
import { defaultPlan as plan } from '../packs/contextualize.ts';
import { LOCAL_ACCESS } from '../remote/fake-server.ts';
import { type RawSeries, storedPoints } from './query-source-fixture.ts';
import { PACK_SCOPE, RAW, TIMES } from './query-source-raw.ts';

const PROGRAMS = ['prometheus', 'promtool'];
const missing = PROGRAMS.filter((program) => !isInstalled(program));

if (missing.length > 0) {
  console.warn(`query sources are not tried against a real Prometheus: ${missing.join(', ')} not installed`);
  describe('a real Prometheus', () => it.skip(`needs ${missing.join(', ')}`, () => {}));
} else {
  describe('a real Prometheus', () => againstPrometheus());
}

/** Prometheus over blocks that hold the same raw series which our own engine is given. */
function againstPrometheus(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-query-source-'));
  let prometheus: Child;
  let source: QuerySource;

  beforeAll(async () => {
    const tsdb = join(folder, 'tsdb');
    mkdirSync(tsdb);
    writeFileSync(join(folder, 'raw.om'), openMetrics(RAW));
    writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
    const made = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'raw.om'), tsdb]);
    if (made.status !== 0) throw new Error(`cannot make blocks: ${made.stderr}`);
    const port = await freePort();
    prometheus = new Child('prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${tsdb}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const url = `http://127.0.0.1:${port}`;
    await prometheus.answers(`${url}/-/ready`);
    source = {
      name: 'prom',
      type: 'query',
      url,
      interval: TIMES.step,
      timeout: 5000,
      delay: 0,
      maxCatchUp: 3600_000,
      access: LOCAL_ACCESS,
      limits: DEFAULT_ANSWER_LIMITS,
      scope: PACK_SCOPE,
    };
  }, 60_000);

  afterAll(async () => {
    await prometheus?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives for the packs what the rules give over stored series, time by time and in a range', async () => {
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
    for (const [key, value] of points) {
      const expected = stored.get(key) ?? Number.NaN;
      const isSame = Object.is(value, expected) || Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
      expect(isSame, `${key}: ${value}, not ${expected}`).toBe(true);
    }
  }, 60_000);

  it('answers on demand, and refuses in its own words', async () => {
    const client = newRemoteClient({ url: source.url, access: LOCAL_ACCESS, secret: (text) => text });
    const at = { start: TIMES.start, end: TIMES.end, step: TIMES.step };
    const { data } = await askOnDemand(client, source, { query: 'count(node_cpu_seconds_total)', at });
    const values = [0, 1, 2, 3].map((i) => [(TIMES.start + i * TIMES.step) / 1000, '6']);
    expect(data).toEqual({ resultType: 'matrix', result: [{ metric: {}, values }] });
    await expect(askOnDemand(client, source, { query: 'sum(', at: TIMES.start })).rejects.toMatchObject({
      errorType: 'bad_data',
      status: 400,
      said: expect.stringContaining('parse error'),
    });
    client.close();
  });
}

/** Families together, each series' samples in order of time. */
function openMetrics(raw: readonly RawSeries[]): string {
  const byName = new Map<string, string[]>();
  for (const { labels, samples } of raw) {
    const lines = byName.get(labels.metricName) ?? [];
    byName.set(labels.metricName, lines);
    for (const [timestamp, value] of samples) lines.push(`${labels} ${formatFloat(value)} ${timestamp / 1000}`);
  }
  const families = [...byName].map(([name, lines]) => `# TYPE ${name} unknown\n${lines.join('\n')}`);
  return `${families.join('\n').replaceAll('", ', '",')}\n# EOF\n`;
}
