import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { SourceTally } from '../../lib/storage/ledger.ts';
import { remoteWriteBlock } from '../../local/welcome.ts';
import { Child, freePort, isInstalled } from './child.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');

if (isInstalled('prometheus')) describe('two replicas of a real Prometheus', () => failover());
else {
  console.warn('SKIPPED: failover between two replicas, because prometheus cannot be run here');
  it.skip('two replicas of a real Prometheus (not installed: prometheus)', () => {});
}

const SCRAPE_SECONDS = 1;
const TIMEOUT_SECONDS = 2;
/** What the target counts in a second. */
const RATE = 10;

const CONFIG = `packs: []
rules: [rules]
tenants:
  - name: pair
    tokens: [{name: prometheus, sha256: ${'a'.repeat(64)}, scopes: [write]}]
    sources:
      - name: replicas
        type: remote_write
        tokens: [prometheus]
        ha: {failover_timeout: ${TIMEOUT_SECONDS}s}
`;

const RULES = `groups:
  - name: ticks
    labels: {asserts_source: ticks, asserts_request_type: inbound}
    rules: [{record: asserts:request:total, expr: ticks_total}]
`;

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** Both scrape one target, and write to `npm start`'s server; the one that leads is killed. */
function failover(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-ha-'));
  const data = join(folder, 'data');
  const replicas = new Map<string, Child>();
  const children: Child[] = [];
  const began = Date.now();
  let target: Server;
  let ours = '';
  let killedAt = 0;

  beforeAll(async () => {
    target = createServer((_, response) => {
      response.end(`# TYPE ticks_total counter\nticks_total ${Math.floor(((Date.now() - began) / 1000) * RATE)}\n`);
    });
    await new Promise<void>((ready) => target.listen(0, '127.0.0.1', ready));
    mkdirSync(join(folder, 'rules'));
    writeFileSync(join(folder, 'rules', 'ticks.yml'), RULES);
    writeFileSync(join(folder, 'tributary.yml'), CONFIG);
    const port = await freePort();
    ours = `http://127.0.0.1:${port}`;
    const options = ['--port', String(port), '--data', data, '--config', join(folder, 'tributary.yml'), '--no-demo'];
    const tributary = new Child(process.execPath, ['--import', 'tsx', 'local/main.ts', ...options], { cwd: root });
    children.push(tributary);
    await tributary.answers(`${ours}/-/ready`);
    await Promise.all(['a', 'b'].map(startReplica));
  }, 90_000);

  afterAll(async () => {
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    target.close();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('are stored once, and what the other sent is counted as dropped for that', async () => {
    await vi.waitFor(
      async () => {
        const { tally } = await intake();
        expect(tally.dropped['ha_replica'] ?? 0).toBeGreaterThan(8);
        expect(tally.contextualized).toBeGreaterThan(8);
      },
      { timeout: 40_000, interval: 500 },
    );
    const [series, ...others] = await ask('asserts:request:total[1m]');
    expect(others).toEqual([]);
    expect(series?.metric).toMatchObject({ cluster: 'lab', asserts_site: 'lab' });
    expect(series?.metric).not.toHaveProperty('__replica__');
  }, 60_000);

  it('go on without a gap or a double when the leader is killed', async () => {
    const leader = await leaderNow();
    await replicas.get(leader)?.end('SIGKILL');
    killedAt = Date.now() / 1000;
    await vi.waitFor(
      async () => {
        const times = await timesSince(killedAt - 8);
        expect(times.at(-1) ?? 0).toBeGreaterThan(killedAt + 10);
      },
      { timeout: 30_000, interval: 500 },
    );
    const times = await timesSince(killedAt - 8);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * SCRAPE_SECONDS + TIMEOUT_SECONDS);
    // Samples of both would lie closer together than one of them scrapes; where the lead changes, once.
    expect(gaps.filter((gap) => gap < SCRAPE_SECONDS * 0.9).length).toBeLessThanOrEqual(1);
    expect(await rateOver(killedAt + 8)).toBeCloseTo(RATE, 0);
  }, 60_000);

  it('leave the lead with whom it is when the killed one is back', async () => {
    const lost = [...replicas].find(([, child]) => child.hasEnded)?.[0] ?? '';
    await startReplica(lost);
    const back = Date.now() / 1000;
    await vi.waitFor(async () => expect((await timesSince(back)).length).toBeGreaterThan(8), {
      timeout: 30_000,
      interval: 500,
    });
    const times = await timesSince(back);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(SCRAPE_SECONDS * 0.9);
    expect(await leaderNow()).not.toBe(lost);
    expect(await rateOver(back + 8)).toBeCloseTo(RATE, 0);
  }, 60_000);

  async function startReplica(name: string): Promise<void> {
    const token = readFileSync(join(data, 'write-token'), 'utf8').trim();
    const { remote_write } = parse(remoteWriteBlock(ours, 'pair', token));
    Object.assign(remote_write[0].queue_config, { batch_send_deadline: '500ms', max_backoff: '500ms' });
    const configFile = join(folder, `prometheus-${name}.yml`);
    const { port } = target.address() as { port: number };
    const static_configs = [{ targets: [`127.0.0.1:${port}`] }];
    const config = {
      global: {
        scrape_interval: `${SCRAPE_SECONDS}s`,
        scrape_timeout: `${SCRAPE_SECONDS}s`,
        external_labels: { env: 'e2e', cluster: 'lab', __replica__: name },
      },
      scrape_configs: [{ job_name: 'ticks', static_configs }],
      remote_write,
    };
    writeFileSync(configFile, stringify(config));
    const listen = await freePort();
    const child = new Child('prometheus', [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, `tsdb-${name}-${listen}`)}`,
      `--web.listen-address=127.0.0.1:${listen}`,
    ]);
    children.push(child);
    replicas.set(name, child);
    await child.answers(`http://127.0.0.1:${listen}/-/ready`);
  }

  /** Who led lately, as the intake's newest example tells it. */
  async function leaderNow(): Promise<string> {
    const { examples } = await intake();
    const detail = examples.find(({ reason }) => reason === 'ha_replica')?.detail ?? '';
    const [, leader] = /^__replica__ (\w) of cluster "lab" led/.exec(detail) ?? [];
    expect(leader, detail).toMatch(/^[ab]$/);
    return leader as string;
  }

  /** Times (s) of the samples that are stored. */
  async function timesSince(start: number): Promise<number[]> {
    const [series] = await ask('asserts:request:total[5m]');
    return (series?.values ?? []).map(([time]) => time).filter((time) => time >= start);
  }

  async function rateOver(time: number): Promise<number> {
    const [sum] = await ask('sum(rate(asserts:request:total[10s]))', time);
    return Number(sum?.value[1]);
  }

  async function intake(): Promise<SourceTally> {
    const response = await fetch(`${ours}/api/v1/status/intake?window=1h`);
    const { data: found } = (await response.json()) as { data: { sources: SourceTally[] } };
    const [source] = found.sources;
    if (source === undefined) throw new Error('nothing has come in yet');
    return source;
  }

  async function ask(query: string, time?: number): Promise<readonly Vector[]> {
    const parameters = new URLSearchParams({ query, ...(time !== undefined && { time: String(time) }) });
    const response = await fetch(`${ours}/api/v1/query?${parameters}`);
    const answer = (await response.json()) as { status: string; error?: string; data: { result: Vector[] } };
    expect(answer.status, answer.error).toBe('success');
    return answer.data.result;
  }
}
