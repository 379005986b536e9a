import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { seededRandom } from '../../bench/seeded-random.ts';
import type { SourceTally, Tally } from '../../lib/storage/ledger.ts';
import { Child, freePort, isInstalled } from '../e2e/child.ts';
import { labels, series, v1 } from '../receiver/messages.ts';
import { Acknowledged } from './acknowledged.ts';
import { startExposition } from './exposition.ts';
import { FaultProxy } from './fault-proxy.ts';
import { FaultyStack } from './faulty-stack.ts';
import { QueueControl } from './queue-control.ts';
import { readStored } from './read-stored.ts';

/** `SOAK_SECONDS=1800 npx vitest run test/faults/soak.test.ts` for half an hour of it. */
const seconds = Number(process.env['SOAK_SECONDS'] ?? 60);
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 2 ** 31);

const FAULTS_PER_SECOND = 6;
const SHARDS = 50;

if (isInstalled('prometheus')) {
  describe('a real Prometheus and a stack without luck', () => soak());
} else {
  console.warn('SKIPPED: the soak with faults, because prometheus cannot be run here');
  it.skip('the soak with faults (not installed: prometheus)', () => {});
}

/**
 * A real Prometheus writes through a network that fails several times a second to a stack that is killed several times a
 * minute. What it was told to be accepted must be there in the end, each sample once.
 */
function soak(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-soak-'));
  const data = join(folder, 'data');
  const random = seededRandom(seed);
  const closing: (() => unknown)[] = [];
  let tap: FaultProxy;
  let stack: FaultyStack;
  let acknowledged: Acknowledged;
  let prometheus: Child;
  let prometheusUrl = '';
  let scraped = '';
  const deliveries = { redelivered: 0 };
  let lostBySender = {};

  beforeAll(async () => {
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'tributary.yml'), CONFIG);
    writeFileSync(join(folder, 'own', 'rules.yml'), RULES);
    const exposition = await startExposition('soak_total', SHARDS, random);
    scraped = exposition.address;
    stack = await FaultyStack.open({ config: join(folder, 'tributary.yml'), data }, random);
    stack.proxies.sqs.onReply = (action, { body }) => {
      if (action === 'SQS.ReceiveMessage') deliveries.redelivered += countRedelivered(body.toString());
    };
    tap = await FaultProxy.open(random);
    tap.upstream = stack.proxies.http.url;
    acknowledged = new Acknowledged(tap, 'soak_total');
    closing.push(
      () => tap.close(),
      () => stack.close(),
      exposition.close,
    );
    await stack.start();
    await startPrometheus();
  }, 120_000);

  afterAll(async () => {
    await prometheus?.end('SIGKILL');
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it(
    `takes ${seconds} s of faults and kills (seed ${seed})`,
    async () => {
      const disturbing = { until: Date.now() + seconds * 1000 };
      const disturb = async () => {
        while (Date.now() < disturbing.until) {
          for (let i = 0; i < FAULTS_PER_SECOND; i++) stack.disturb(random);
          await sleep(1000);
        }
      };
      const kill = async () => {
        for (;;) {
          await sleep(8000 + random() * 12_000);
          if (Date.now() > disturbing.until) return;
          await stack.kill();
          await sleep(random() * 2000);
          await stack.start();
        }
      };
      await Promise.all([disturb(), kill()]);
      stack.calm();
      expect(stack.kills).toBeGreaterThan(0);
      if (seconds >= 60) expect(stack.injected.size).toBeGreaterThanOrEqual(12);
    },
    (seconds + 90) * 1000,
  );

  it('then comes to rest', async () => {
    writeConfig({ scrapes: false });
    expect((await fetch(`${prometheusUrl}/-/reload`, { method: 'POST' })).status).toBe(200);
    let [quietSince, samples] = [Date.now(), -1];
    await vi.waitFor(
      async () => {
        if (acknowledged.samples !== samples) [quietSince, samples] = [Date.now(), acknowledged.samples];
        expect((await sender()).pending).toBe(0);
        expect(Date.now() - quietSince).toBeGreaterThan(5000);
      },
      { timeout: 120_000, interval: 500 },
    );
    // It drops what is answered with 4xx, and nothing else.
    const rejected = Object.keys(acknowledged.statuses).filter((status) => status.startsWith('4'));
    expect(rejected).toEqual([]);
    lostBySender = await sender();
    await prometheus.end();
    // Messages whose worker died would come back after their visibility timeout, six minutes; with a restart at once.
    await stack.kill();
    await stack.start();
    await drained();
  }, 240_000);

  it('has every acknowledged sample once, and accounts for all', async () => {
    const queue = new QueueControl(stack.proxies.sqs.url);
    const replayed = await queue.replay();
    queue.close();
    await drained();

    const found = await readStored(stack.url, 'soak:total', acknowledged.watched.keys()).catch((error: Error) => {
      throw new Error(`${error.message}\n${stack.output}`);
    });
    const missing = missingOf(acknowledged, found.values);
    const report = {
      seed,
      seconds,
      kills: stack.kills,
      faults: Object.fromEntries([...stack.injected].sort()),
      'requests repeated': acknowledged.retries,
      'messages redelivered': deliveries.redelivered,
      'dead letters replayed': replayed,
      'requests acknowledged': acknowledged.requests,
      'samples acknowledged': acknowledged.samples,
      'samples given up by Prometheus': lostBySender,
      'answers by status': acknowledged.statuses,
      'samples watched': acknowledged.watched.size,
      'samples found': found.values.size,
      lost: missing.filter(([key]) => !found.values.has(key)).length,
      'with another value': missing.filter(([key]) => found.values.has(key)).length,
      doubled: found.doubled,
    };
    console.info(`soak: ${JSON.stringify(report, undefined, 1)}`);
    expect(acknowledged.watched.size).toBeGreaterThan(seconds * SHARDS * 0.5);
    const differing = missing.map(([key, value]) => ({ key, value, found: found.values.get(key) }));
    expect(differing.slice(0, 20)).toEqual([]);
    expect(found.doubled).toBe(0);

    const tally = await intake();
    expect(tally).toMatchObject({ refused: {}, dropped: {} });
    expect(tally.accepted).toBeGreaterThanOrEqual(acknowledged.samples);
    expect(tally.accepted).toBeLessThanOrEqual(acknowledged.samples + acknowledged.open);
    expect(tally.selected + tally.unselected).toBe(tally.accepted);
    expect(tally.contextualized).toBe(tally.selected);
  }, 180_000);

  it('would notice a sample that was lost, and one that is another', async () => {
    stack.proxies.http.onExchange = () => ({
      happen: async (exchange) => {
        await exchange.read();
        exchange.answer({ status: 204, headers: {}, body: Buffer.alloc(0) });
      },
    });
    const [timestamp] = [...acknowledged.watched.keys()].map((key) => Number(key.split('@')[1]));
    const of = labels('__name__', 'soak_total', 'shard', 'lost');
    const { headers, body } = v1([series(of, { samples: [{ timestamp: timestamp ?? 0, value: 1 }] })]);
    const url = `${tap.url}/api/v1/write`;
    expect((await fetch(url, { method: 'POST', headers: { ...headers }, body })).status).toBe(204);
    const { values } = await readStored(stack.url, 'soak:total', acknowledged.watched.keys());
    expect(missingOf(acknowledged, values)).toEqual([[`lost@${timestamp}`, 1]]);
    expect(missingOf(acknowledged, new Map([...values, [`0@${timestamp}`, -1]]))).toHaveLength(2);
  });

  function drained(): Promise<void> {
    const queue = new QueueControl(stack.proxies.sqs.url);
    return vi
      .waitFor(async () => expect(await queue.depth('raw')).toBe(0), { timeout: 90_000, interval: 500 })
      .finally(() => queue.close());
  }

  async function startPrometheus(): Promise<void> {
    const port = await freePort();
    prometheusUrl = `http://127.0.0.1:${port}`;
    writeConfig({ scrapes: true });
    prometheus = new Child('prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
    ]);
    await prometheus.answers(`${prometheusUrl}/-/ready`);
  }

  function writeConfig({ scrapes }: { readonly scrapes: boolean }): void {
    const password = readFileSync(join(data, 'write-token'), 'utf8').trim();
    const job = (job_name: string, target: string) => ({ job_name, static_configs: [{ targets: [target] }] });
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', external_labels: { env: 'soak' } },
      scrape_configs: scrapes ? [job('soak', scraped), job('prometheus', new URL(prometheusUrl).host)] : [],
      remote_write: [
        {
          url: `${tap.url}/api/v1/write`,
          basic_auth: { username: 'soak', password },
          remote_timeout: '10s',
          metadata_config: { send: false },
          // Always as many shards: where their number changes, Prometheus gives up what it could not send in time.
          queue_config: {
            batch_send_deadline: '500ms',
            max_samples_per_send: 500,
            max_backoff: '1s',
            min_shards: 2,
            max_shards: 2,
          },
        },
      ],
    };
    writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  }

  async function sender(): Promise<Readonly<Record<'pending' | 'failed' | 'dropped', number>>> {
    const page = await (await fetch(`${prometheusUrl}/metrics`)).text();
    const read = (name: string) => {
      const line = page.split('\n').find((one) => one.startsWith(`prometheus_remote_storage_samples_${name}{`));
      return Number(line?.split(' ').at(-1) ?? Number.NaN);
    };
    return { pending: read('pending'), failed: read('failed_total'), dropped: read('dropped_total') };
  }

  async function intake(): Promise<Tally> {
    const response = await fetch(`${stack.url}/api/v1/status/intake?window=2h`);
    const { data: found } = (await response.json()) as { data: { sources: readonly SourceTally[] } };
    const [only] = found.sources;
    if (only === undefined) throw new Error('the ledger knows of no source');
    return only.tally;
  }
}

function missingOf({ watched }: Acknowledged, found: ReadonlyMap<string, number>) {
  return [...watched].filter(([key, value]) => !Object.is(found.get(key), value));
}

const CONFIG = `packs: []
rules: [own]
tenants:
  - name: soak
    tokens: [{name: writer, sha256: ${'a'.repeat(64)}, scopes: [write]}]
    sources: [{name: push, type: remote_write, tokens: [writer], scope: {env: {labels: [env]}}}]
`;

/** A raw metric that is watched, and one of Prometheus's own so that something is selected of what it says of itself. */
const RULES = `groups:
  - name: soak
    rules:
      - {record: "soak:total", expr: soak_total}
      - {record: "soak:bytes", expr: go_memstats_alloc_bytes}
      - {record: "soak:rate", expr: "sum(rate(soak:total[1m]))"}
`;

function countRedelivered(body: string): number {
  return [...body.matchAll(/"ApproximateReceiveCount":"(\d+)"/g)].filter(([, count]) => Number(count) > 1).length;
}
