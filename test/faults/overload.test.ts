import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newTally, type SourceTally, type Tally } from '../../lib/storage/ledger.ts';
import { sha256Of } from '../../local/data-folder.ts';
import { labels, series, v1 } from '../receiver/messages.ts';
import { FaultyStack } from './faulty-stack.ts';

/** How long one tenant sends ten times what it may; it takes nine times as long to make up for it. */
const seconds = Number(process.env['OVERLOAD_SECONDS'] ?? 3);

const LIMIT = 500;
const BATCH = 250;
/** What `lib/pipeline/rate-limit.ts` allows at once, in seconds of the limit. */
const BURST_SECONDS = 10;

const MAX_ROUNDS = 3;

/** What became of requests. */
interface Sent {
  readonly statuses: Record<number, number>;
  readonly latencies: number[];
  readonly retryAfter: Set<string | null>;
}

describe('ten times the limit of one tenant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-overload-'));
  let stack: FaultyStack;
  const start = Date.now();
  let requests = 0;

  beforeAll(async () => {
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own', 'rules.yml'), RULES);
    writeFileSync(join(folder, 'tributary.yml'), CONFIG);
    stack = await FaultyStack.open({ config: join(folder, 'tributary.yml'), data: join(folder, 'data') }, () => 0);
    await stack.start();
    await write('quiet', 20, newSent());
    await write('noisy', 20, newSent());
  }, 90_000);
  afterAll(async () => {
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'does nothing to another tenant, and loses nothing that Prometheus would send again',
    async () => {
      await atRate(3, 20, () => write('quiet', 20, newSent()));
      let sent = 20;
      for (let round = 1; ; round++) {
        const { samples, ratio } = await overload();
        sent += samples;
        // Other programs of this machine come and go, so a slow answer is only ours if it is so each time.
        if (ratio < 2 || round === MAX_ROUNDS) {
          expect(ratio).toBeLessThan(2);
          break;
        }
      }
      await vi.waitFor(async () => expect((await intake('noisy')).contextualized).toBe(sent), {
        timeout: 30_000,
        interval: 500,
      });
      expect(await count('noisy')).toBe(sent);
      expect(await intake('noisy')).toMatchObject({ accepted: sent, refused: {}, dropped: {} });
    },
    MAX_ROUNDS * (seconds * 12 + 20) * 1000 + 60_000,
  );

  /** Resolves when everything that was refused has been taken. */
  async function overload(): Promise<{ readonly samples: number; readonly ratio: number }> {
    const [calm, loaded, noisy] = [newSent(), newSent(), newSent()];
    await atRate(seconds, 20, () => write('quiet', 20, calm));
    const offered: Promise<void>[] = [];
    const load = atRate(seconds, (10 * LIMIT) / BATCH, async () => {
      offered.push(writeAsPrometheus('noisy', BATCH, noisy));
    });
    await Promise.all([load, atRate(seconds, 20, () => write('quiet', 20, loaded))]);
    const taken = (noisy.statuses[204] ?? 0) * BATCH;
    const samples = offered.length * BATCH;
    expect(samples).toBeGreaterThan(9 * LIMIT * seconds);
    expect(taken).toBeLessThanOrEqual(LIMIT * (seconds + BURST_SECONDS) + 4 * BATCH);

    await Promise.all(offered);
    for (const { statuses } of [calm, loaded]) expect(statuses).toEqual({ 204: seconds * 20 });
    expect(Object.keys(noisy.statuses).sort()).toEqual(['204', '503']);
    expect(noisy.statuses[204]).toBe(offered.length);
    for (const value of noisy.retryAfter) expect(value).toMatch(/^[1-9]\d?$/);

    const [before, during] = [median(calm.latencies), median(loaded.latencies)];
    console.info(
      `overload: ${samples} samples in ${seconds} s at a limit of ${LIMIT}/s: ${taken} taken meanwhile, ` +
        `${noisy.statuses[503]} times 503, all taken later; the other tenant: ${loaded.latencies.length} of ` +
        `${seconds * 20} requests taken, median ${before.toFixed(1)} ms before, ${during.toFixed(1)} ms during`,
    );
    return { samples, ratio: during / before };
  }

  /** Starts something so many times a second, and waits for all of it. */
  async function atRate(forSeconds: number, perSecond: number, start: () => Promise<unknown>): Promise<void> {
    const started: Promise<unknown>[] = [];
    const begin = performance.now();
    for (let i = 0; i < forSeconds * perSecond; i++) {
      await sleep(Math.max(0, begin + (i * 1000) / perSecond - performance.now()));
      started.push(start());
    }
    await Promise.all(started);
  }

  async function write(tenant: string, samples: number, sent: Sent, body = bodyOf(samples)): Promise<Response> {
    const started = performance.now();
    const response = await fetch(`${stack.url}/api/v1/write`, {
      method: 'POST',
      headers: { ...v1([]).headers, authorization: `Bearer ${tenant}-token` },
      body,
    });
    await response.text();
    sent.latencies.push(performance.now() - started);
    sent.statuses[response.status] = (sent.statuses[response.status] ?? 0) + 1;
    return response;
  }

  /** With Prometheus's defaults: 5xx is sent again, after Retry-After where it is there; anything else is final. */
  async function writeAsPrometheus(tenant: string, samples: number, sent: Sent): Promise<void> {
    const body = bodyOf(samples);
    for (;;) {
      const response = await write(tenant, samples, sent, body);
      if (response.status < 500) return;
      const wait = response.headers.get('retry-after');
      sent.retryAfter.add(wait);
      await sleep(Number(wait ?? 5) * 1000);
    }
  }

  /** The same series each time, as scrapes give them; no two requests have one timestamp. */
  function bodyOf(samples: number): Uint8Array {
    const timestamp = start + requests++;
    return v1(
      Array.from({ length: samples }, (_, i) =>
        series(labels('__name__', 'orders_total', 'env', 'prod', 'i', String(i)), {
          samples: [{ timestamp, value: requests }],
        }),
      ),
    ).body;
  }

  async function intake(tenant: string): Promise<Tally> {
    const { sources } = (await read(tenant, '/api/v1/status/intake?window=1h')) as { sources: readonly SourceTally[] };
    return sources[0]?.tally ?? newTally();
  }

  async function count(tenant: string): Promise<number> {
    const query = encodeURIComponent('sum(count_over_time(shop:orders:total[15m]))');
    const { result } = (await read(tenant, `/api/v1/query?query=${query}`)) as {
      result: { value: [number, string] }[];
    };
    return Number(result[0]?.value[1]);
  }

  async function read(tenant: string, path: string): Promise<unknown> {
    const response = await fetch(stack.url + path, { headers: { authorization: `Bearer ${tenant}-token` } });
    const body = await response.text();
    expect(response.status, body).toBe(200);
    return (JSON.parse(body) as { data: unknown }).data;
  }
});

function newSent(): Sent {
  return { statuses: {}, latencies: [], retryAfter: new Set() };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const tenant = (name: string, limits: string) => `
  - name: ${name}
    tokens: [{name: all, sha256: ${sha256Of(`${name}-token`)}, scopes: [write, read]}]
    sources: [{name: push, type: remote_write, tokens: [all], scope: {env: {labels: [env]}}}]
    ${limits}`;

const CONFIG = `packs: []
rules: [own]
tenants:${tenant('quiet', '')}${tenant('noisy', `limits: {samples_per_second: ${LIMIT}}`)}
`;

const RULES = `groups:
  - name: shop
    rules:
      - {record: "shop:orders:total", expr: orders_total}
`;
