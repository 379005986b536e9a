import { createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { scrape } from '../../lib/pipeline/scrape.ts';
import type { ScrapeOutcome } from '../../lib/pipeline/scrape-server.ts';
import { type FakeHandler, type FakeServer, startFakeServer } from '../remote/fake-server.ts';
import { drain, scrapeFixture, sourceOf } from './scrape-fixture.ts';

const TEXT = { 'content-type': 'text/plain; version=0.0.4' };
const METADATA = '{"status":"success","data":{}}';

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(handler: FakeHandler): Promise<FakeServer> {
  const server = await startFakeServer(handler);
  opened.push(() => server.close());
  return server;
}

/** Answers with one series that has a new sample each time, and counts when it was asked. */
const healthy: FakeHandler = ({ url }, response) => {
  if (url.pathname !== '/federate') response.end(METADATA);
  else response.writeHead(200, TEXT).end(`up{server="${url.host}"} 1 ${Date.now()}\n`);
};

/** Ways to lie or break, one after the other. */
const GARBAGE: readonly FakeHandler[] = [
  (_, response) => void response.writeHead(200, TEXT).end('<html>not metrics</html>'),
  (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('up 1\n'),
  (_, response) => void response.writeHead(500).end('panic'),
  (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  (_, response) => void response.writeHead(200, { ...TEXT, 'content-encoding': 'gzip' }).end(BOMB),
  (_, response) => void response.writeHead(200, { ...TEXT, 'content-length': '100' }).write('up'),
];
const BOMB = gzipSync(Buffer.alloc(200 << 20), { level: 9 });

const ROUNDS = 10;
const INTERVAL = 1500;
const TIMEOUT = 1200;

describe('scrape', () => {
  it(`reads 140 of 200 servers on time for ${ROUNDS} rounds, whatever the other 60 do`, async () => {
    const good = await Promise.all(Array.from({ length: 140 }, () => start(healthy)));
    const slow = await Promise.all(Array.from({ length: 20 }, () => start(() => {})));
    const garbage = await Promise.all(
      Array.from({ length: 20 }, (_, i) => start(GARBAGE[i % GARBAGE.length] as FakeHandler)),
    );
    const refusing = await Promise.all(Array.from({ length: 20 }, refusedPort));
    const servers = [...slow, ...garbage]
      .map(({ url }) => url)
      .concat(
        refusing,
        good.map(({ url }) => url),
      );
    const source = sourceOf(servers, {
      interval: INTERVAL,
      timeout: TIMEOUT,
      limits: { maxBodyBytes: 1 << 20, maxSamples: 1000, maxLabelsPerSeries: 60 },
    });
    const { deps, queue, clock } = scrapeFixture([source], 'a = up', INTERVAL);
    opened.push(() => deps.memory.close());
    const rounds: { outcomes: readonly ScrapeOutcome[]; lateness: number[] }[] = [];
    const handles: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const began = Date.now();
      clock.now = began;
      const before = good.map(({ seen }) => seen.length);
      const outcomes = await scrape(began, 5000, deps);
      rounds.push({ outcomes, lateness: outcomes.filter(isGood).map(({ duration }) => duration) });
      expect(good.map(({ seen }, i) => seen.length - (before[i] ?? 0) >= 1)).not.toContain(false);
      await sleep(Math.max(0, INTERVAL - (Date.now() - began)));
      handles.push(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);
    }

    for (const { outcomes, lateness } of rounds) {
      expect(outcomes).toHaveLength(200);
      expect(lateness).toHaveLength(140);
      expect(Math.max(...lateness)).toBeLessThan(TIMEOUT);
      const reasons = outcomes
        .filter((outcome) => !isGood(outcome))
        .map(({ failures, cause }) => [failures.length, cause]);
      expect(reasons).toEqual(Array.from({ length: 60 }, () => [1, undefined]));
    }
    const { series, accounts } = drain(queue);
    const refused: Record<string, number> = {};
    for (const { tally } of accounts) {
      for (const [reason, count] of Object.entries(tally.refused)) refused[reason] = (refused[reason] ?? 0) + count;
    }
    expect(series.size).toBe(140);
    expect(accounts.reduce((sum, { tally }) => sum + tally.selected, 0)).toBe(140 * ROUNDS);
    // On a busy machine a bomb may take longer than the timeout before it is found out.
    const { 'scrape_failed: timeout': timeouts = 0, 'scrape_failed: body_too_large': bombs = 0, ...others } = refused;
    expect(timeouts).toBeGreaterThanOrEqual((20 + 3) * ROUNDS);
    expect([timeouts + bombs, bombs > 0]).toEqual([(20 + 3 + 3) * ROUNDS, true]);
    expect(others).toEqual({
      'scrape_failed: connection_refused': 20 * ROUNDS,
      'scrape_failed: not_metrics': 8 * ROUNDS,
      'scrape_failed: http_status': 3 * ROUNDS,
      'scrape_failed: redirect': 3 * ROUNDS,
    });
    // No timer outlives its scrape: there are never more than after the first round.
    expect(Math.max(...handles.slice(1))).toBeLessThanOrEqual((handles[0] ?? 0) + 2);
    deps.memory.close();
    await sleep(100);
    const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    expect(sockets).toBeLessThan(30);

    function isGood({ target }: ScrapeOutcome): boolean {
      return good.some(({ url }) => url === target.server);
    }
  }, 90_000);

  it('reads servers that failed the last time after all others', async () => {
    const order: string[] = [];
    const server = await start(({ url }, response) => {
      if (url.pathname.endsWith('/federate')) order.push(url.pathname);
      if (url.pathname === '/bad/federate') response.writeHead(500).end();
      else
        healthy(
          { url: new URL(url.href.replace('/good', '')), method: '', headers: {}, body: Buffer.alloc(0) },
          response,
        );
    });
    const { deps } = scrapeFixture([sourceOf([`${server.url}/bad`, `${server.url}/good`])]);
    opened.push(() => deps.memory.close());
    const outcomes = [await scrape(1, 5000, deps), await scrape(1001, 5000, deps)];
    expect(outcomes.map((run) => run.map(({ target }) => target.server.slice(-4)))).toEqual([
      ['/bad', 'good'],
      ['good', '/bad'],
    ]);
  });

  it('scrapes each source by its own interval', async () => {
    const server = await start(healthy);
    const { deps } = scrapeFixture([
      sourceOf([`${server.url}/a`], { name: 'often' }),
      sourceOf([`${server.url}/b`], { name: 'seldom', interval: 5000 }),
    ]);
    opened.push(() => deps.memory.close());
    const counts = { often: 0, seldom: 0 };
    for (let time = 1_000_000; time < 1_020_000; time += 1000) {
      for (const { target } of await scrape(time, 5000, deps)) counts[target.source.name as keyof typeof counts]++;
    }
    expect(counts).toEqual({ often: 20, seldom: 4 });
  });

  it('leaves a server alone that is still being read, and never asks one for which no time is left', async () => {
    let release = () => {};
    const server = await start(({ url }, response) => {
      release = () => void healthy({ url, method: '', headers: {}, body: Buffer.alloc(0) }, response);
    });
    const { deps, queue } = scrapeFixture([sourceOf([server.url], { timeout: 5000 })]);
    opened.push(() => deps.memory.close());
    const first = scrape(1000, 5000, deps);
    expect(await scrape(2000, 5000, deps)).toEqual([]);
    while (server.seen.length === 0) await sleep(5);
    release();
    while (server.seen.length === 1) await sleep(5);
    release();
    expect(await first).toMatchObject([{ failures: [] }]);
    drain(queue);
    expect(await scrape(3000, 0, deps)).toMatchObject([{ failures: [{ reason: 'scrape_failed: no_time' }] }]);
    expect(server.seen).toHaveLength(2);
    expect(drain(queue).accounts[0]?.tally.refused).toEqual({ 'scrape_failed: no_time': 1 });
  });

  it('tells missing secrets and forbidden addresses apart from the servers that work', async () => {
    const server = await start(healthy);
    const access = { ...sourceOf([]).access };
    const { deps } = scrapeFixture([
      sourceOf([server.url]),
      sourceOf(['http://127.0.0.1:1'], { name: 'closed', access: { ...access, allowNetworks: [] } }),
      sourceOf(['http://169.254.169.254'], { name: 'metadata' }),
    ]);
    opened.push(() => deps.memory.close());
    const outcomes = await scrape(1000, 5000, deps);
    expect(outcomes.map(({ failures }) => failures.map(({ reason }) => reason))).toEqual([
      [],
      ['scrape_failed: address_not_allowed'],
      ['scrape_failed: address_not_allowed'],
    ]);
  });
});

/** The URL of a port that nobody listens on. */
async function refusedPort(): Promise<string> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
