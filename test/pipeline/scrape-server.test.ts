import { afterEach, describe, expect, it } from 'vitest';
import { encodeFamilies } from '../../lib/api/federate/encode-families.ts';
import type { FederatedSample } from '../../lib/api/federate/federated-sample.ts';
import { contentTypeOf, type FederateFormat, negotiateFormat } from '../../lib/api/federate/negotiate-format.ts';
import type { FederationSource } from '../../lib/context/tenant.ts';
import { Labels } from '../../lib/model/labels.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { scrape } from '../../lib/pipeline/scrape.ts';
import { toFloatHistogram } from '../../lib/promql/histogram/convert.ts';
import { STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';
import { type FakeHandler, type FakeServer, startFakeServer } from '../remote/fake-server.ts';
import { drain, scrapeFixture, sourceOf } from './scrape-fixture.ts';

const TEXT = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
let server: FakeServer;
let close = () => {};
afterEach(async () => {
  close();
  await server.close();
});

/** One source with one server that answers `page.text`, or what the handler does. */
async function start(page: { text: string } | FakeHandler, more: Partial<FederationSource> = {}, rules?: string) {
  const handler: FakeHandler = ({ url }, response) => {
    if (url.pathname === '/api/v1/metadata') response.end('{"status":"success","data":{}}');
    else response.writeHead(200, TEXT).end('text' in page ? page.text : '');
  };
  server = await startFakeServer('text' in page ? handler : page);
  const fixture = scrapeFixture([sourceOf([server.url], more)], rules);
  close = () => fixture.deps.memory.close();
  const run = async () => {
    fixture.clock.now += 1000;
    const [outcome] = await scrape(fixture.clock.now, 5000, fixture.deps);
    if (outcome?.cause !== undefined) throw outcome.cause;
    return { outcome, ...drain(fixture.queue) };
  };
  return { ...fixture, run };
}

describe('a scrape', () => {
  it('queues what is selected with its own timestamps, and counts the rest', async () => {
    const page = { text: '' };
    const { run, clock } = await start(page);
    const at = clock.now - 5000;
    page.text = `# TYPE up untyped\nup{job="a",instance="x:1"} 1 ${at}\ncpu{mode="user",instance=""} -0 ${at + 1}\nother 1 ${at}\n`;
    const { series, accounts, outcome } = await run();
    expect([...series.keys()]).toEqual(['up{instance="x:1", job="a"}', 'cpu{mode="user"}']);
    expect(series.get('up{instance="x:1", job="a"}')?.samples).toEqual([{ timestamp: at, value: 1 }]);
    expect(Object.is(series.get('cpu{mode="user"}')?.samples[0]?.value, -0)).toBe(true);
    expect(accounts).toMatchObject([{ tally: { accepted: 3, selected: 2, unselected: 1, refused: {}, dropped: {} } }]);
    expect(outcome).toMatchObject({ accepted: 3, failures: [] });
    expect(server.seen[0]?.url.searchParams.getAll('match[]')).toEqual([
      '{__name__="up"}',
      '{__name__="cpu",mode!="idle"}',
    ]);
  });

  it('gives a sample without a timestamp the time of the scrape', async () => {
    const { run, clock } = await start({ text: 'up 1\n' });
    expect((await run()).series.get('up')?.samples).toEqual([{ timestamp: clock.now, value: 1 }]);
  });

  it('sends a sample once, however often the server repeats it', async () => {
    const page = { text: '' };
    const { run, clock } = await start(page);
    const at = clock.now - 1000;
    page.text = `up{job="a"} 1 ${at}\nup{job="b"} 1 ${at}\n`;
    expect((await run()).series.size).toBe(2);
    page.text = `up{job="a"} 1 ${at}\nup{job="b"} 1 ${at + 1000}\n`;
    const { series, accounts } = await run();
    expect([...series.keys()]).toEqual(['up{job="b"}']);
    expect(accounts[0]?.tally).toMatchObject({ accepted: 2, selected: 2, dropped: { repeated: 1 } });
  });

  it('ends a series that vanished, once, after its last sample', async () => {
    const page = { text: '' };
    const { run, clock } = await start(page);
    const at = clock.now;
    const ahead = at + 60_000;
    page.text = `up{job="a"} 1 ${at}\nup{job="b"} 1 ${ahead}\nup{job="c"} 1 ${at}\n`;
    await run();
    page.text = `up{job="c"} 1 ${at}\n`;
    const { series, accounts } = await run();
    const [a, b] = ['a', 'b'].map((job) => series.get(`up{job="${job}"}`)?.samples[0]);
    expect([a?.timestamp, b?.timestamp]).toEqual([clock.now, ahead + 1]);
    expect([a, b].map((sample) => isStaleNaN(sample?.value ?? 0))).toEqual([true, true]);
    expect(accounts[0]?.tally).toMatchObject({ accepted: 3, selected: 3, dropped: { repeated: 1 } });
    expect((await run()).series.size).toBe(0);
  });

  it('asks for native histograms, as text for an hour where there are none', async () => {
    const page = { syntax: 'protobuf' as FederateFormat['syntax'], samples: [] as FederatedSample[] };
    const { run, clock } = await start(({ url, headers }, response) => {
      if (url.pathname !== '/federate') return response.end('{"status":"success","data":{}}');
      const format = negotiateFormat(headers.accept ?? '');
      page.syntax = format.syntax;
      const body =
        format.syntax === 'protobuf' ? encodeFamilies(page.samples, format.escaping) : 'cpu{mode="user"} 1\n';
      return response.writeHead(200, { 'content-type': contentTypeOf(format) }).end(body);
    });
    const labels = Labels.from({ __name__: 'up', job: 'a', instance: 'x' });
    const histogram = { ...STALE_HISTOGRAM, timestamp: 0, count: 3, zeroCount: 3, zeroThreshold: 0.1, sum: 0.05 };
    const sampleAt = (timestamp: number) => ({ labels, timestamp, value: toFloatHistogram(histogram) });
    for (let i = 0; i < 2; i++) {
      page.samples = [sampleAt(clock.now)];
      const [sent] = (await run()).series.values();
      expect(page.syntax).toBe('protobuf');
      expect(sent?.histograms).toMatchObject([{ isFloat: true, count: 3, zeroCount: 3, sum: 0.05 }]);
    }
    page.samples = [];
    const ended = (await run()).series.get(String(labels));
    expect(isStaleNaN(ended?.samples[0]?.value ?? 0)).toBe(true);
    expect([...(await run()).series.keys()]).toEqual(['cpu{mode="user"}']);
    expect(page.syntax).toBe('text');
    clock.now += 3600_000;
    await run();
    expect(page.syntax).toBe('protobuf');
  });

  it('takes nothing for sent that was not queued', async () => {
    const page = { text: '' };
    const { run, clock, queue, deps } = await start(page);
    page.text = `up 1 ${clock.now}\n`;
    queue.breakDown('throttled');
    const [outcome] = await scrape(clock.now + 1, 5000, deps);
    expect(outcome?.cause).toMatchObject({ name: 'QueueUnavailableError' });
    queue.breakDown(undefined);
    expect([...(await run()).series.keys()]).toEqual(['up']);
  });

  it('does not end series when the server fails', async () => {
    let status = 200;
    const { run } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(status, TEXT).end('up 1\n');
      else response.end('{"status":"success","data":{}}');
    });
    await run();
    status = 503;
    expect((await run()).series.size).toBe(0);
    status = 200;
    expect((await run()).series.get('up')?.samples[0]?.value).toBe(1);
  });

  it('names a scrape by its server and time, so that a repeated run is counted once', async () => {
    const { deps, clock, queue } = await start({ text: 'up 1\n' });
    const time = clock.now + 1;
    await scrape(time, 5000, deps);
    const first = drain(queue).ids;
    deps.memory.lastRun = undefined;
    await scrape(time, 5000, deps);
    expect(drain(queue).ids).toEqual(first);
    expect(first).toEqual([expect.stringMatching(new RegExp(`^[0-9a-f]{24}-${time}-0$`))]);
  });

  it('renames job and instance of the series where they are not honored', async () => {
    const { run } = await start({ text: 'up{job="a",instance="x"} 1\nup{instance=""} 1\n' }, { honorLabels: false });
    const own = `instance="127.0.0.1:${server.port}", job="fed"`;
    expect([...(await run()).series.keys()]).toEqual([
      `up{exported_instance="x", exported_job="a", ${own}}`,
      `up{${own}}`,
    ]);
  });
});

describe('metadata', () => {
  it('comes with the first scrape and then once an hour, for what is selected', async () => {
    const family = { type: 'gauge', help: 'Whether.', unit: '' };
    const { run, clock } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(200, TEXT).end('up 1\n');
      else response.end(JSON.stringify({ status: 'success', data: { up: [family], other: [family] } }));
    });
    const metadata = async () => [...(await run()).series.values()].flatMap((series) => series.metadata ?? []);
    expect(await metadata()).toEqual([family]);
    expect(await metadata()).toEqual([]);
    clock.now += 3600_000;
    expect(await metadata()).toEqual([family]);
    expect(server.seen.filter(({ url }) => url.pathname === '/api/v1/metadata')).toHaveLength(2);
  });

  it('is asked for again soon when metrics have come', async () => {
    const family = { type: 'gauge', help: 'Whether.', unit: '' };
    const server = { page: 'up 1\n', data: { up: [family] } as Record<string, unknown> };
    const { run, clock } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(200, TEXT).end(server.page);
      else response.end(JSON.stringify({ status: 'success', data: server.data }));
    });
    const metadata = async () => [...(await run()).series.values()].flatMap((series) => series.metadata ?? []).length;
    expect(await metadata()).toBe(1);
    server.page = 'up 1\ncpu{mode="user"} 1\n';
    server.data = { up: [family], cpu: [family] };
    expect(await metadata()).toBe(0);
    clock.now += 10_000;
    expect(await metadata()).toBe(2);
    clock.now += 10_000;
    expect(await metadata()).toBe(0);
  });

  it('is asked for again where it could not be queued', async () => {
    const family = { type: 'gauge', help: 'Whether.', unit: '' };
    const { run, queue } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(200, TEXT).end('up 1\n');
      else response.end(JSON.stringify({ status: 'success', data: { up: [family] } }));
    });
    queue.breakDown('SQS is down');
    await expect(run()).rejects.toThrow('SQS is down');
    queue.breakDown(undefined);
    expect([...(await run()).series.values()].flatMap(({ metadata }) => metadata ?? [])).toEqual([family]);
  });

  it('fails apart from the samples', async () => {
    const { run } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(200, TEXT).end('up 1\n');
      else response.writeHead(404).end();
    });
    const { series, accounts, outcome } = await run();
    expect([series.size, outcome?.failures]).toEqual([1, []]);
    expect(accounts[0]?.tally.refused).toEqual({ metadata_failed: 1 });
  });

  it('is told in a bounded text, whatever the server says', async () => {
    const { run } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(200, TEXT).end('up 1\n');
      else response.writeHead(302, { location: `https://${'x'.repeat(10_000)}` }).end();
    });
    const [account] = (await run()).accounts;
    expect(account?.tally.refused).toEqual({ metadata_failed: 1 });
    expect(account?.examples[0]?.detail?.length).toBeLessThan(1000);
  });
});

describe('what a scrape refuses', () => {
  const refusedWith = async (
    text: string,
    more: Partial<FederationSource> = {},
    headers: Record<string, string> = TEXT,
  ) => {
    const { run } = await start(({ url }, response) => {
      if (url.pathname === '/federate') response.writeHead(200, headers).end(text);
      else response.end('{"status":"success","data":{}}');
    }, more);
    const { accounts, series } = await run();
    return { refused: accounts[0]?.tally.refused, example: accounts[0]?.examples[0], size: series.size };
  };
  const limits = { maxBodyBytes: 1000, maxSamples: 2, maxLabelsPerSeries: 3 };

  it.each([
    ['a page for people', '<!doctype html><html></html>', {}, TEXT, 'scrape_failed: not_metrics', /line 1, column 1/],
    [
      'a type that is no metrics',
      'up 1\n',
      {},
      { 'content-type': 'text/html' },
      'scrape_failed: not_metrics',
      /text\/html/,
    ],
    ['no type', 'up 1\n', {}, {}, 'scrape_failed: not_metrics', /no Content-Type/],
    ['half a page', 'up 1\nup{job="', {}, TEXT, 'scrape_failed: not_metrics', /line 2/],
    [
      'too many samples',
      'up 1\nup{a="1"} 1\nup{a="2"} 1\n',
      { limits },
      TEXT,
      'scrape_failed: too_many_samples',
      /limit of 2/,
    ],
    [
      'too large a page',
      `up 1\n#${'x'.repeat(1000)}\n`,
      { limits },
      TEXT,
      'scrape_failed: body_too_large',
      /1000 bytes/,
    ],
    ['nothing at all', '', {}, TEXT, 'scrape_empty', /none of the series/],
  ])('%s, as a whole', async (_, text, more, headers, reason, detail) => {
    const { refused, example, size } = await refusedWith(text, more, headers as Record<string, string>);
    expect([refused, size]).toEqual([{ [reason]: 1 }, 0]);
    expect(example).toMatchObject({ reason, detail: expect.stringMatching(detail) });
    expect(example?.detail).toContain(server.url);
  });

  it('single series and samples, and keeps the others', async () => {
    const old = Date.now() - 48 * 3600_000;
    const { refused, size } = await refusedWith(`up 1\nup{a="1",b="1",c="1"} 1\n`, { limits });
    expect([refused, size]).toEqual([{ too_many_labels: 1 }, 1]);
    close();
    await server.close();
    const second = await refusedWith(`up 1\nup 1\nup{a="1"} 1 ${old}\n`);
    expect([second.refused, second.size]).toEqual([{ duplicate_sample: 1, too_old: 1 }, 1]);
  });

  it('a page, and keeps the other pages of the server', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `a_metric_with_a_rather_long_name_${i}`);
    const rules = names.map((name, i) => `r${i} = ${name}`).join('\n');
    const { run } = await start(
      ({ url }, response) => {
        const isFirst = url.searchParams.getAll('match[]').some((selector) => selector.includes('_name_0|'));
        if (url.pathname !== '/federate') response.end('{"status":"success","data":{}}');
        else if (isFirst) response.writeHead(422).end('too much');
        else response.writeHead(200, TEXT).end(`${names.at(-1)} 1\n`);
      },
      {},
      rules,
    );
    const { series, outcome, accounts } = await run();
    expect([...series.keys()]).toEqual([names.at(-1)]);
    expect(outcome?.failures).toMatchObject([{ reason: 'scrape_failed: http_status' }]);
    expect(accounts[0]?.tally).toMatchObject({ refused: { 'scrape_failed: http_status': 1 }, selected: 1 });
  });
});
