import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SourceTally } from '../../lib/storage/ledger.ts';
import { type LocalServer, startLocal } from '../../local/start.ts';
import { Child, freePort, isInstalled } from './child.ts';

const programs = ['prometheus', 'prometheus-node-exporter'];
const missing = programs.filter((program) => !isInstalled(program));

if (missing.length > 0) {
  console.warn(`SKIPPED: federation with a real Prometheus, because ${missing.join(' and ')} cannot be run here`);
  it.skip(`a real Prometheus by two ways (not installed: ${missing.join(', ')})`, () => {});
} else {
  describe('a real Prometheus, read by federation and sending by remote write', () => bothWays());
}

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** One Prometheus and two tenants: `pushed` gets its remote writes, `pulled` reads its /federate. */
function bothWays(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-federation-'));
  const children: Child[] = [];
  const logged: string[] = [];
  let tributary: LocalServer;
  let prometheus: string;

  beforeAll(async () => {
    const [port, exporterPort] = await Promise.all([freePort(), freePort()]);
    prometheus = `http://127.0.0.1:${port}`;
    const config = join(folder, 'tributary.yml');
    writeFileSync(config, configuration(prometheus));
    tributary = await startLocal({ config, data: join(folder, 'data'), port: 0, log: (line) => logged.push(line) });
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, prometheusConfiguration(`127.0.0.1:${port}`, `127.0.0.1:${exporterPort}`, tributary));
    const exporter = new Child('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${exporterPort}`]);
    children.push(exporter);
    await exporter.answers(`http://127.0.0.1:${exporterPort}/metrics`);
    const arguments_ = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`];
    const server = new Child('prometheus', [...arguments_, `--web.listen-address=127.0.0.1:${port}`]);
    children.push(server);
    await server.answers(`${prometheus}/-/ready`);
  }, 60_000);

  afterAll(async () => {
    await tributary?.stop();
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('becomes the same normalised series both ways, each of them', async () => {
    await vi.waitFor(
      async () => {
        const [pushed, pulled] = await Promise.all([normalised('pushed'), normalised('pulled')]);
        expect(pushed.size).toBeGreaterThan(50);
        expect([...pulled.keys()]).toEqual([...pushed.keys()]);
      },
      { timeout: 60_000, interval: 1000 },
    );
  }, 70_000);

  it('has the same values where timestamps coincide, bit for bit', async () => {
    await sleep(10_000);
    const [pushed, pulled] = await Promise.all([normalised('pushed'), normalised('pulled')]);
    let compared = 0;
    let alone = 0;
    for (const [key, values] of pulled) {
      const sent = new Map(pushed.get(key));
      for (const [time, value] of values) {
        const other = sent.get(time);
        if (other === undefined) alone++;
        else expect([key, time, value]).toEqual([key, time, other]);
        if (other !== undefined) compared++;
      }
    }
    expect(compared).toBeGreaterThan(pulled.size * 5);
    // Remote writes are gathered for a second: the newest samples may still be on their way.
    expect(alone).toBeLessThan(pulled.size * 5);
  }, 60_000);

  it('counts everything, refuses nothing, and sends no sample twice', async () => {
    const [source] = await intake('pulled');
    expect(source).toMatchObject({ source: 'fed', tally: { refused: {} } });
    const { accepted, selected, unselected, contextualized, dropped, metadata } =
      source?.tally ?? ({} as SourceTally['tally']);
    expect(accepted).toBe(selected + unselected);
    const droppedCount = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(contextualized + droppedCount).toBe(selected);
    // What is asked for is what the rules use, and what their relabel configs drop of it (here the /metrics handlers).
    expect(unselected).toBeLessThan(accepted / 2);
    expect(metadata).toBeGreaterThan(10);
    const types = await fetchJson('pulled', '/api/v1/metadata?metric=node_cpu_seconds_total');
    expect(types).toMatchObject({ node_cpu_seconds_total: [{ type: 'counter' }] });
  });

  it('ends every series when the server has none left, and says so when it is gone', async () => {
    const [exporter, server] = children;
    await exporter?.end('SIGKILL');
    const nodes = '{asserts_source="node_exporter", asserts_resource_type="cpu:usage"}';
    expect(await series('pulled', `last_over_time(${nodes}[1m])`)).not.toEqual([]);
    await vi.waitFor(async () => expect(await series('pulled', nodes)).toEqual([]), { timeout: 20_000, interval: 500 });
    await server?.end('SIGKILL');
    await vi.waitFor(
      async () => {
        const [source] = await intake('pulled');
        expect(source?.tally.refused['scrape_failed: connection_refused']).toBeGreaterThan(1);
        expect(source?.examples).toContainEqual({
          reason: 'scrape_failed: connection_refused',
          series: '',
          detail: expect.stringContaining(prometheus),
        });
      },
      { timeout: 20_000, interval: 500 },
    );
    expect(logged.filter((line) => !line.includes('on AWS the schedule runs once a minute'))).toEqual([]);
  }, 60_000);

  /** Samples of the last minutes by series. */
  async function normalised(tenant: string): Promise<Map<string, Vector['values']>> {
    const result = (await fetchJson(tenant, `/api/v1/query?${query('{__name__=~"asserts:.+"}[5m]')}`)) as {
      result: Vector[];
    };
    const entries = result.result.map(({ metric, values }): [string, Vector['values']] => [key(metric), values]);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async function series(tenant: string, expr: string): Promise<unknown[]> {
    return ((await fetchJson(tenant, `/api/v1/query?${query(expr)}`)) as { result: unknown[] }).result;
  }

  async function intake(tenant: string): Promise<readonly SourceTally[]> {
    return ((await fetchJson(tenant, '/api/v1/status/intake')) as { sources: SourceTally[] }).sources;
  }

  async function fetchJson(tenant: string, path: string): Promise<unknown> {
    const authorization = `Basic ${btoa(`${tenant}:read-${tenant}`)}`;
    const response = await fetch(tributary.url + path, { headers: { authorization } });
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    expect(answer.status, answer.error).toBe('success');
    return answer.data;
  }
}

function query(expr: string): URLSearchParams {
  return new URLSearchParams({ query: expr });
}

function key(metric: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function configuration(prometheus: string): string {
  const hash = (tenant: string) => createHash('sha256').update(`read-${tenant}`).digest('hex');
  const token = (tenant: string) => `tokens: [{name: reader, sha256: ${hash(tenant)}, scopes: [read]}]`;
  const scope = 'scope: {env: {labels: [env]}, site: {labels: [region]}}';
  return `packs: [prometheus, http, node]
tenants:
  - name: pushed
    tokens: [{name: reader, sha256: ${hash('pushed')}, scopes: [read]}, {name: writer, sha256: ${'a'.repeat(64)}, scopes: [write]}]
    sources: [{name: push, type: remote_write, tokens: [writer], ${scope}}]
  - name: pulled
    ${token('pulled')}
    sources:
      - {name: fed, type: federation, servers: ['${prometheus}'], interval: 1s, timeout: 1s, allow_networks: [loopback], ${scope}}
`;
}

/** The scope comes from external labels, which /federate adds to series that lack them. */
function prometheusConfiguration(own: string, exporter: string, { url, token, tenant }: LocalServer): string {
  return `global: {scrape_interval: 1s, external_labels: {env: e2e, region: lab}}
scrape_configs:
  - {job_name: prometheus, static_configs: [{targets: ['${own}']}]}
  - {job_name: node, static_configs: [{targets: ['${exporter}']}]}
remote_write:
  - url: ${url}/api/v1/write
    basic_auth: {username: ${tenant}, password: ${token}}
    queue_config: {batch_send_deadline: 1s, retry_on_http_429: true}
`;
}
