import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { Matcher } from '../../lib/model/matcher.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { newTally, type SourceTally, type Tally } from '../../lib/storage/ledger.ts';
import { startDynamoDbServer } from '../../local/dynamodb-server.ts';
import { remoteWriteBlock } from '../../local/welcome.ts';
import { Child, freePort, isInstalled } from './child.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const programs = ['prometheus', 'prometheus-node-exporter'];
const missing = programs.filter((program) => !isInstalled(program));
const seconds = Number(process.env['E2E_SECONDS'] ?? 30);

if (missing.length > 0) {
  console.warn(`SKIPPED: end to end with a real Prometheus, because ${missing.join(' and ')} cannot be run here`);
  it.skip(`a real Prometheus (not installed: ${missing.join(', ')})`, () => {});
} else {
  describe('a real Prometheus', () => endToEnd());
}

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/**
 * Prometheus scrapes itself and a node_exporter every second and writes to `npm start`'s server, which is killed in
 * between. The tests of this suite go on from each other.
 */
function endToEnd(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-e2e-'));
  const data = join(folder, 'data');
  const configFile = join(folder, 'prometheus.yml');
  const children: Child[] = [];
  let urls = { tributary: '', prometheus: '', exporter: '' };
  let tributary: Child;
  let prometheus: Child;

  beforeAll(async () => {
    const [ours, theirs, exporterPort] = await Promise.all([freePort(), freePort(), freePort()]);
    urls = {
      tributary: `http://127.0.0.1:${ours}`,
      prometheus: `http://127.0.0.1:${theirs}`,
      exporter: `http://127.0.0.1:${exporterPort}`,
    };
    await startTributary();
    const exporter = start('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${exporterPort}`]);
    await exporter.answers(`${urls.exporter}/metrics`);
    writeConfig({ scrapes: true });
    prometheus = start('prometheus', [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${theirs}`,
      '--web.enable-lifecycle',
    ]);
    await prometheus.answers(`${urls.prometheus}/-/ready`);
    // Its request counters have only handlers that were asked once; /metrics and /-/ready are no requests of users.
    await matrix(urls.prometheus, 'up[1m]');
  }, 90_000);

  afterAll(async () => {
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('becomes contextualized metrics', async () => {
    const expected = [
      'asserts:request:total{asserts_source="prometheus", asserts_request_type="inbound", asserts_env="e2e"}',
      'asserts:latency:bucket{asserts_source="prometheus", asserts_env="e2e", asserts_site="lab"}',
      'asserts:resource:total{asserts_resource_type="cpu:usage", asserts_entity_type="Node"}',
      'asserts:resource:gauge{asserts_resource_type="memory:available"}',
      'asserts:resource:total{asserts_resource_type="network:rx_bytes"}',
    ];
    await vi.waitFor(
      async () => {
        for (const selector of expected)
          expect(await matrix(urls.tributary, `${selector}[5m]`), selector).not.toEqual([]);
      },
      { timeout: 40_000, interval: 1000 },
    );
  }, 60_000);

  it(
    `has every sample of ${seconds} seconds accepted, contextualized and stored, each once`,
    async () => {
      await sleep(seconds * 1000);
      await reload({ scrapes: false });
      const sent = await allSent();
      expect(sent).toMatchObject({ failed: 0, dropped: 0 });
      expect(sent.samples).toBeGreaterThan(seconds * 100);
      const tally = await vi.waitFor(
        async () => {
          const { tally: found } = await intake();
          expect(found.accepted).toBe(sent.samples);
          return found;
        },
        { timeout: 20_000, interval: 500 },
      );
      const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
      expect(tally.refused).toEqual({});
      expect(tally.selected + tally.unselected).toBe(tally.accepted);
      expect(tally.contextualized + dropped).toBe(tally.selected);
      expect(Object.keys(tally.dropped).filter((reason) => reason !== 'relabel_drop')).toEqual([]);

      expect(await tributary.end('SIGTERM')).toBe(0);
      expect(tributary.output).toContain('Everything is stored.');
      expect(await storedSamples()).toBe(tally.stored);
      await startTributary();
    },
    (seconds + 120) * 1000,
  );

  it('loses nothing when our server is killed: the same samples on both sides', async () => {
    await reload({ scrapes: true });
    await sleep(5000);
    await tributary.end('SIGKILL');
    await sleep(3000);
    await startTributary();
    await sleep(5000);
    const end = Math.floor(Date.now() / 1000);
    for (const [theirs, ours, keys, atLeast] of [
      [
        'prometheus_http_requests_total{handler=~"/api.*"}',
        'asserts:request:total{asserts_source="prometheus"}',
        ['handler', 'code'],
        1,
      ],
      [
        'node_cpu_seconds_total{mode!="idle"}',
        'asserts:resource:total{asserts_resource_type="cpu:usage"}',
        ['cpu', 'mode'],
        7,
      ],
    ] as const) {
      const wanted = byLabels(await matrix(urls.prometheus, `${theirs}[5m]`, end), keys);
      expect(wanted.size).toBeGreaterThanOrEqual(atLeast);
      await vi.waitFor(
        async () => {
          const found = byLabels(await matrix(urls.tributary, `${ours}[5m]`, end), keys);
          for (const [key, values] of wanted) expect(found.get(key), key).toEqual(values);
        },
        { timeout: 30_000, interval: 1000 },
      );
      for (const [key, values] of wanted) expect(largestGap(values, end - 12), key).toBeLessThan(2.5);
    }
    expect((await allSentSoFar()).failed).toBe(0);
  }, 120_000);

  async function startTributary(): Promise<void> {
    const port = new URL(urls.tributary).port;
    tributary = start(
      process.execPath,
      ['--import', 'tsx', 'local/main.ts', '--port', port, '--data', data, '--no-demo'],
      { cwd: root },
    );
    await tributary.answers(`${urls.tributary}/-/ready`);
  }

  function start(program: string, args: readonly string[], options: { cwd?: string } = {}): Child {
    const child = new Child(program, args, options);
    children.push(child);
    return child;
  }

  /** The block that our server prints, with shorter pauses. */
  function writeConfig({ scrapes }: { scrapes: boolean }): void {
    const token = readFileSync(join(data, 'write-token'), 'utf8').trim();
    const { remote_write } = parse(remoteWriteBlock(urls.tributary, 'demo', token));
    Object.assign(remote_write[0].queue_config, { batch_send_deadline: '1s', max_backoff: '500ms' });
    const scrape = (job_name: string, url: string) => ({
      job_name,
      static_configs: [{ targets: [new URL(url).host] }],
    });
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', external_labels: { env: 'e2e', cluster: 'lab' } },
      scrape_configs: scrapes ? [scrape('prometheus', urls.prometheus), scrape('node', urls.exporter)] : [],
      remote_write,
    };
    writeFileSync(configFile, stringify(config));
  }

  async function reload(what: { scrapes: boolean }): Promise<void> {
    writeConfig(what);
    const response = await fetch(`${urls.prometheus}/-/reload`, { method: 'POST' });
    expect(response.status, prometheus.output).toBe(200);
  }

  /** What Prometheus says it has sent, when nothing is left to send: three equal readings, a second apart. */
  async function allSent(): Promise<{ samples: number; failed: number; dropped: number }> {
    let readings: string[] = [];
    for (let attempt = 0; attempt < 60; attempt++) {
      const counts = await allSentSoFar();
      readings = [...readings, JSON.stringify(counts)].slice(-4);
      if (readings.length === 4 && new Set(readings).size === 1 && counts.pending === 0) return counts;
      await sleep(1000);
    }
    throw new Error(`Prometheus does not come to rest: ${readings}`);
  }

  async function allSentSoFar() {
    const page = await (await fetch(`${urls.prometheus}/metrics`)).text();
    const read = (name: string) => {
      const line = page.split('\n').find((one) => one.startsWith(`prometheus_remote_storage_${name}{`));
      return Number(line?.split(' ').at(-1) ?? Number.NaN);
    };
    // What is tried again, and what failed in the end, is counted as sent before.
    return {
      samples: read('samples_total') - read('samples_retried_total') - read('samples_failed_total'),
      failed: read('samples_failed_total'),
      dropped: read('samples_dropped_total'),
      pending: read('samples_pending'),
    };
  }

  async function intake(): Promise<{ tally: Tally }> {
    const response = await fetch(`${urls.tributary}/api/v1/status/intake?window=1h`);
    const { data: found } = (await response.json()) as { data: { sources: SourceTally[] } };
    return found.sources.find(({ source }) => source === 'prometheus') ?? { tally: newTally() };
  }

  /** Opens the folder of the stopped server and counts what the store holds, stale markers included. */
  async function storedSamples(): Promise<number> {
    const server = await startDynamoDbServer({ folder: join(data, 'tables') });
    const client = new DynamoDBClient({ endpoint: server.url });
    const retention = { normalised: { days: 2 }, derived: { days: 400 } };
    const storage = new DynamoStorage({ client, tableName: 'tributary', retention, now: Date.now });
    const hints = { mint: Date.now() - 3600_000, maxt: Date.now() };
    const series = await storage.querier('demo').select(hints, new Matcher('=~', '__name__', '.+'));
    client.destroy();
    await server.close();
    return series.reduce((sum, { floats }) => sum + floats.timestamps.length, 0);
  }

  async function matrix(url: string, query: string, time?: number): Promise<readonly Vector[]> {
    const parameters = new URLSearchParams({ query, ...(time !== undefined && { time: String(time) }) });
    const response = await fetch(`${url}/api/v1/query?${parameters}`);
    const answer = (await response.json()) as { status: string; error?: string; data: { result: Vector[] } };
    expect(answer.status, answer.error).toBe('success');
    return answer.data.result;
  }
}

function byLabels(series: readonly Vector[], names: readonly string[]): ReadonlyMap<string, Vector['values']> {
  return new Map(series.map(({ metric, values }) => [names.map((name) => `${name}=${metric[name]}`).join(), values]));
}

/** Longest time between neighbours, s, among the samples after `start`. */
function largestGap(values: Vector['values'], start: number): number {
  const times = values.map(([time]) => time).filter((time) => time >= start);
  expect(times.length).toBeGreaterThan(5);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}
