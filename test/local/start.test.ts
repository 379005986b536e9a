import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newTally, type SourceTally } from '../../lib/storage/ledger.ts';
import { startDemo } from '../../local/demo/demo.ts';
import { RemoteWriter } from '../../local/demo/remote-writer.ts';
import { type LocalOptions, type LocalServer, startLocal } from '../../local/start.ts';

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

const config = fileURLToPath(new URL('../../tributary.yml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tributary-start-'));
const logged: string[] = [];
const options: LocalOptions = { config, data: join(folder, 'data'), port: 0, log: (line) => logged.push(line) };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('startLocal', () => {
  let server: LocalServer;
  let now = 0;

  beforeAll(async () => {
    server = await startLocal(options);
  });
  afterAll(() => server.stop());

  it('keeps its token where only its owner can read it', () => {
    const file = join(options.data, 'write-token');
    expect(readFileSync(file, 'utf8').trim()).toBe(server.token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(options.data).mode & 0o077).toBe(0);
  });

  it('tells Prometheus of itself, and of no tenant', async () => {
    await fetch(`${server.url}/api/v1/labels`);
    const response = await fetch(`${server.url}/metrics`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^text\/plain/),
    ]);
    const page = await response.text();
    expect(page).toContain('tributary_query_requests_total{handler="/api/v1/labels",status="200"} 1');
    expect(page).toMatch(/^tributary_queue_depth\{queue="raw",state="visible"\} \d+$/m);
    expect(page).not.toContain(`"${server.tenant}"`);
    const refused = await fetch(`${server.url}/metrics`, { headers: { authorization: 'Bearer wrong' } });
    expect(refused.status).toBe(401);
  });

  it('shows the shop within a minute: several frameworks, contextualized, with a rate at once', async () => {
    const demo = startDemo({ ...server, onError: (error) => logged.push(error.message) });
    const started = Date.now();
    await demo.backfilled;
    await vi.waitFor(async () => expect(await sources('asserts:request:total')).toHaveLength(5), {
      timeout: 60_000,
      interval: 500,
    });
    expect(Date.now() - started).toBeLessThan(60_000);
    expect(await sources('asserts:request:total')).toEqual(['golang', 'nodejs', 'otel', 'prometheus', 'spring_boot']);
    for (const { metric } of await query('asserts:request:total')) {
      expect(metric).toMatchObject({
        asserts_env: 'prod',
        asserts_site: 'eu-west-1',
        asserts_request_type: expect.stringMatching(/^(in|out)bound$/),
        asserts_request_context: expect.stringMatching(/./),
      });
    }
    // The two endpoints of the catalog take 22 and 31 requests a second, 6 % more with the 404s, ± 40 %.
    await vi.waitFor(async () => {
      const [rate] = await query('sum(rate(asserts:request:total{job="catalog"}[5m]))');
      expect(Number(rate?.value[1])).toBeGreaterThan(25);
      expect(Number(rate?.value[1])).toBeLessThan(90);
    }, 20_000);
    await demo.stop();
    now = Date.now();
  });

  it('derives rates, ratios and quantiles of it by the schedule', async () => {
    const metrics = ['request:rate5m', 'error:ratio', 'latency:average', 'latency:p99', 'resource', 'resource:rate'];
    for (const metric of metrics) {
      await vi.waitFor(async () => expect((await query(`asserts:${metric}`)).length).toBeGreaterThan(0), {
        timeout: 120_000,
        interval: 500,
      });
    }
    for (const { value } of await query('asserts:error:ratio or asserts:resource')) {
      expect(Number(value[1])).toBeGreaterThanOrEqual(0);
      expect(Number(value[1])).toBeLessThanOrEqual(1);
    }
    const { groups } = await get<{ groups: { rules: { name: string; health: string }[] }[] }>('/api/v1/rules');
    const unhealthy = groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== 'ok');
    expect(groups.length).toBeGreaterThan(0);
    expect(unhealthy).toEqual([]);
  }, 130_000);

  it('answers for every sample', async () => {
    const { sources: found } = await get<{ sources: SourceTally[] }>('/api/v1/status/intake?window=1h');
    expect(found.map(({ source }) => source)).toEqual(['prometheus']);
    const { tally = newTally() } = found[0] ?? {};
    expect(tally.accepted).toBeGreaterThan(10_000);
    expect(tally.selected + tally.unselected).toBe(tally.accepted);
    const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
    expect(tally.contextualized + dropped).toBe(tally.selected);
    // Only what the rules themselves leave out: scrapes of /metrics.
    expect(Object.keys(tally.dropped).filter((reason) => reason !== 'relabel_drop')).toEqual([]);
    expect(tally.refused).toEqual({});
  });

  it('lets everybody on this machine read, and nobody write without the token', async () => {
    const write = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/v1/write`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-protobuf', ...headers },
        body: 'no snappy',
      });
    expect((await write({})).status).toBe(401);
    expect((await write({ Authorization: 'Bearer guess' })).status).toBe(401);
    expect((await write({ Authorization: `Bearer ${server.token}` })).status).toBe(400);
  });

  it('is gone with its data when it stops, and has it again when it starts', async () => {
    const first = await count();
    await restart(); // the queue is worked off now
    const before = await count();
    expect(before).toBeGreaterThanOrEqual(first);
    expect(before).toBeGreaterThan(2000);
    await restart();
    expect(await count()).toBe(before);
  });

  it('says that the folder is in use', async () => {
    await expect(startLocal(options)).rejects.toThrow(
      `cannot use data folder ${options.data}: another process uses it; stop that one, or name another one with --data`,
    );
  });

  it('tells the demo when it refuses its samples', async () => {
    const writer = new RemoteWriter({
      url: `${server.url}/api/v1/write`,
      username: 'nobody',
      password: 'x',
      signal: new AbortController().signal,
    });
    const sample = { labels: [{ name: '__name__', value: 'up' }], samples: [{ timestamp: Date.now(), value: 1 }] };
    await expect(writer.write([{ ...sample, histograms: [], exemplars: [] }])).rejects.toThrow(
      /cannot write 1 series: 401 cannot authenticate/,
    );
  });

  it('had nothing to complain about', () => {
    expect(logged).toEqual([]);
  });

  async function restart(): Promise<void> {
    const { token, url } = server;
    expect(await server.stop()).toEqual({ drained: true });
    await expect(fetch(url)).rejects.toThrow();
    server = await startLocal(options);
    expect(server.token).toBe(token);
  }

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(200);
    return ((await response.json()) as { data: T }).data;
  }

  async function query(expr: string, time?: number): Promise<readonly Vector[]> {
    const parameters = new URLSearchParams({ query: expr, ...(time !== undefined && { time: String(time / 1000) }) });
    return (await get<{ result: Vector[] }>(`/api/v1/query?${parameters}`)).result;
  }

  async function sources(metric: string): Promise<string[]> {
    return (await query(`count by (asserts_source) (${metric})`))
      .map(({ metric: labels }) => labels['asserts_source'] ?? '')
      .sort();
  }

  async function count(): Promise<number> {
    const [result] = await query('sum(count_over_time(asserts:request:total[15m]))', now);
    return Number(result?.value[1]);
  }
});

describe('startLocal refuses', () => {
  it('an address that others can reach, unless that is wanted', async () => {
    await expect(startLocal({ ...options, host: '0.0.0.0' })).rejects.toThrow(
      'cannot listen on 0.0.0.0: it is not the loopback interface; add --allow-remote if others may reach it',
    );
  });

  it('a port that is taken, and leaves the folder free', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const data = join(folder, 'port');
    await expect(startLocal({ ...options, data, port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another program uses the port`,
    );
    other.close();
    const server = await startLocal({ ...options, data });
    await server.stop();
  });

  it('a data folder that is a file', async () => {
    const data = join(folder, 'file');
    writeFileSync(data, '');
    await expect(startLocal({ ...options, data })).rejects.toThrow(/cannot use data folder .*file: .*EEXIST/);
  });

  it('a configuration that is not there', async () => {
    await expect(startLocal({ ...options, config: join(folder, 'none.yml') })).rejects.toThrow(/none\.yml/);
  });
});

it('asks for the token when others can reach it', async () => {
  const server = await startLocal({ ...options, data: join(folder, 'remote'), host: '0.0.0.0', allowRemote: true });
  const url = `http://127.0.0.1:${server.port}/api/v1/labels`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: { Authorization: `Bearer ${server.token}` } })).status).toBe(200);
  await server.stop();
});
