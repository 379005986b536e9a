import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { newTally } from '../../lib/storage/ledger.ts';
import { type FakeServer, startFakeServer } from '../remote/fake-server.ts';
import { type FakePrometheus, startFakePrometheus } from './doctor/fake-prometheus.ts';
import { runCommand, writeConfiguration } from './setup-fixture.ts';

const opened: FakeServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function start(fake: FakePrometheus): Promise<string> {
  const server = await startFakePrometheus(fake);
  opened.push(server);
  return server.url;
}

const SHOP = [
  'orders_total{result="paid",job="shop"}',
  'orders_total{result="failed",job="shop"}',
  'orders_total{result="lost",job="shop"}',
  'cpu_seconds_total{mode="user",stage="live"}',
  'shop_nobody_reads_this',
];
const BUILD = { version: '2.42.0', revision: 'r' };

function configuration(source: string): string {
  return writeConfiguration(`
  - name: shop
    tokens: [{name: w, sha256: ${'a'.repeat(64)}, scopes: [${source.startsWith(REMOTE_WRITE) ? 'write' : 'read'}]}]
    sources: [{name: s, ${source}}]
`);
}

const REMOTE_WRITE = 'type: remote_write, tokens: [w], scope: {env: {labels: [env]}, site: {labels: []}}';
const LOOPBACK = 'allow_networks: [loopback], scope: {env: {labels: [env]}, site: {labels: []}}';

/** Runs it and takes what differs from run to run out of the text. */
async function doctor(config: string, ...args: string[]) {
  const { code, out, err } = await runCommand(['doctor', 's', '-c', config, ...args]);
  const text = out
    .replace(/plan [0-9a-f]{16}/g, 'plan <version>')
    .replace(/127\.0\.0\.1:\d+/g, '<server>')
    .replace(/within \d+ ms/g, 'within <n> ms')
    .replace(/its clock is 0\.\d s (behind|ahead of)/g, 'its clock is <n> s off')
    .replace(/\$ \d+\.\d+/g, '$ <n>');
  return { code, text, err };
}

describe('tributary doctor', () => {
  it('examines a query source: what is right, and the lines that are missing', async () => {
    const url = await start({ series: SHOP, build: BUILD });
    const { code, text, err } = await doctor(configuration(`type: query, url: '${url}', ${LOOPBACK}`));
    expect([code, err]).toEqual([1, 'error: source s has something that is broken\n']);
    expect(text).toBe(`Source s (query) of tenant shop, plan <version>

http://<server>
  ok       reach        answers within <n> ms
  ok       version      Prometheus 2.42.0
  ok       clock        its clock is <n> s off this one
  ok       packs        own finds 2 of its 2 metrics: orders_total, cpu_seconds_total
  ok       samples      the newest is 7 s old
  broken   scope        3 series have no environment and will be refused, for example orders_total{job="shop", result="paid"}
                        -> series have stage: name it in the scope of s in tributary.yml
                             scope:
                               env: { labels: [env, stage] }
  ok       series       3 of 5 series are selected: 0 derived, one sample every 60 s
  ok       cost         about $ <n> a month at list prices (tributary cost)

Broken: 1 of 1.
`);
  });

  it('examines the Prometheus that sends: external labels, targets, counters', async () => {
    const url = await start({
      series: SHOP,
      build: BUILD,
      config: `global: {external_labels: {env: prod}}\nremote_write: [{url: 'https://api.example.com/api/v1/write'}]\n`,
      metrics: `prometheus_remote_storage_samples_total{remote_name="a",url="https://api.example.com/api/v1/write"} 1000
prometheus_remote_storage_samples_failed_total{remote_name="a",url="https://api.example.com/api/v1/write"} 10
prometheus_remote_storage_samples_failed_total{remote_name="b",url="https://elsewhere.example.com/write"} 99
prometheus_remote_storage_samples_pending{remote_name="a",url="https://api.example.com/api/v1/write"} 5
prometheus_remote_storage_shards_desired{remote_name="a",url="https://api.example.com/api/v1/write"} 12.5
prometheus_remote_storage_shards_max{remote_name="a",url="https://api.example.com/api/v1/write"} 10
prometheus_remote_storage_highest_timestamp_in_seconds 5000
prometheus_remote_storage_queue_highest_sent_timestamp_seconds{remote_name="a",url="https://api.example.com/api/v1/write"} 4000
`,
    });
    const { code, text } = await doctor(configuration(REMOTE_WRITE), '--prometheus', url);
    expect(code).toBe(1);
    expect(text.slice(text.indexOf('  ok       samples'))).toBe(`  ok       samples      the newest is 7 s old
  ok       scope        every series gets asserts_env
  ok       series       3 of 5 series are selected: 3 contextualized, 2 derived, one sample every 15 s
  ok       cost         about $ <n> a month at list prices (tributary cost); $ <n> if it sent everything it has
  note     remote_write it writes to https://api.example.com/api/v1/write everything it has
                        -> paste the write_relabel_configs that \`tributary setup s\` prints: the rest costs and is used by nothing
  warning  sending      since its start 1000 samples sent, 10 failed, 0 tried again, 0 not sent by its relabel configs; 5 pending
                        -> failed samples are lost: the log of that Prometheus has our answers, and so has /api/v1/status/intake (--url)
  broken   sending      it is 1000 s behind
                        -> look at its log for what it is answered; raise max_shards if it is only slow
  warning  sending      it wants 12.5 shards and may have 10
                        -> raise max_shards in its queue_config

Broken: 1 of 1.
`);
  });

  it('tells which external labels the sender lacks', async () => {
    const config = `global: {external_labels: {env: test, cluster: eu-1}}\nremote_write: []\n`;
    const url = await start({ series: SHOP, build: BUILD, config, metrics: '' });
    const expecting = (labels: string) => configuration(`${REMOTE_WRITE}, external_labels: ${labels}`);
    const { text } = await doctor(expecting('{env: prod, cluster: eu-1, region: eu}'), '--prometheus', url);
    expect(
      text,
    ).toContain(`  warning  labels       of the expected external labels it has env: test and not prod, lacks region
                        -> set them in its prometheus.yml, or correct external_labels of s in tributary.yml
                             global:
                               external_labels:
                                 env: "prod"
                                 region: "eu"
`);
    const { text: right } = await doctor(expecting('{cluster: eu-1}'), '--prometheus', url);
    expect(right).toContain('  ok       labels       it has the external labels that are expected');
  });

  it('tells that a Prometheus writes somewhere else, and sends its headers', async () => {
    const config = `remote_write: [{url: 'https://other.example.com/push'}]`;
    const url = await start({ series: [...SHOP, 'node_load1'], build: BUILD, config, metrics: '' });
    const args = ['--prometheus', url, '--header', 'X-Scope-OrgID: shop', '--url', 'http://127.0.0.1:1'];
    const { text } = await doctor(configuration(REMOTE_WRITE), ...args);
    expect(text).toContain(
      'broken   remote_write it does not write to http://<server>: it writes to https://other.example.com/push',
    );
    expect(text).toContain('broken   api          connection_refused');
    expect(text).toMatch(
      /note +packs +node would find 1 of its \d+ metrics: node_load1\n +-> add node to packs in tributary\.yml/,
    );
    expect(opened[0]?.seen.every(({ headers }) => headers['x-scope-orgid'] === 'shop')).toBe(true);
  });

  it('examines the servers of a federation source side by side, each by itself', async () => {
    const good = await start({ series: SHOP.map((one) => one.replace('{', '{env="prod",')), build: BUILD });
    const late = await start({ series: SHOP, build: BUILD, ahead: 3600_000 });
    const closed = await start({ series: [], refuses: /federate/ });
    const blind = await start({ series: SHOP, refuses: /api/ });
    const servers = [good, late, closed, blind, 'http://127.0.0.1:1', 'http://169.254.169.254'];
    const list = servers.map((url) => `'${url}'`).join(', ');
    const config = configuration(`type: federation, servers: [${list}], ${LOOPBACK}`);
    const { code, out } = await runCommand(['doctor', 's', '-c', config, '--json', '--timeout', '5']);
    const { examined } = JSON.parse(out);
    expect(code).toBe(1);
    expect(examined.map(({ subject }: { subject: string }) => subject)).toEqual(servers);
    const broken = examined.map(({ findings }: { findings: { verdict: string; check: string; message: string }[] }) =>
      findings.filter(({ verdict }) => verdict === 'broken').map(({ check, message }) => `${check} ${message}`),
    );
    expect(broken).toEqual([
      [],
      [expect.stringMatching(/^clock .*3600\.\d s ahead/), expect.stringMatching(/^scope 3 series/)],
      [expect.stringMatching(/^reach unauthorized: .* answers 401 "who are you\?"/)],
      [expect.stringMatching(/^scope 3 series/)],
      [expect.stringMatching(/^reach connection_refused/)],
      [expect.stringMatching(/^reach address_not_allowed/)],
    ]);
    expect(examined[0].expected).toMatchObject({ raw: 5, selected: 3, contextualized: 3, derived: 2, interval: 60 });
    expect(examined[3].findings).toContainEqual(
      expect.objectContaining({ check: 'api', verdict: 'note', message: expect.stringContaining('only /federate') }),
    );
  });

  it('asks the deployed API what it received', async () => {
    const maxt = Date.now();
    const tally = { ...newTally(), accepted: 100, selected: 60, unselected: 40, contextualized: 50 };
    const source = {
      source: 's',
      messages: 3,
      lastReceived: maxt - 400_000,
      tally: { ...tally, refused: { too_old: 7 }, dropped: { no_asserts_env: 10, relabel_drop: 1 } },
      examples: [{ reason: 'no_asserts_env', series: 'up{job="a"}', detail: 'none of env' }],
    };
    const intake = { window: { mint: 0, maxt }, plan: 'other', sources: [source] };
    const url = await start({ series: [], intake });
    const { code, text } = await doctor(configuration(REMOTE_WRITE), '--url', url, '--token', 'reads');
    expect(code).toBe(1);
    for (const line of [
      'warning  plan         plan other is deployed, and here is ',
      'broken   intake       the last message came 400 s ago; in the last hour 100 samples were accepted, 60 of them selected, 50 contextualized',
      'note     intake       40 % of what came is used by no rule',
      'warning  refused      7 times too_old',
      'warning  dropped      10 times no_asserts_env, for example up{job="a"}: none of env',
      'note     dropped      1 times relabel_drop',
    ]) {
      expect(text).toContain(line);
    }
    expect(opened[0]?.seen[0]?.headers.authorization).toBe(`Basic ${btoa('shop:reads')}`);
    const empty = await start({ series: [], intake: { ...intake, sources: [] } });
    expect((await doctor(configuration(REMOTE_WRITE), '--url', empty)).text).toContain(
      'broken   intake       nothing came from s within the last hour; from none it did',
    );
    const others = await start({ series: [], intake: { ...intake, sources: [{ ...source, source: 'elsewhere' }] } });
    expect((await doctor(configuration(REMOTE_WRITE), '--url', others)).text).toContain(
      'warning  intake       the answer is about the sources of another tenant: elsewhere\n' +
        '                        -> give a token with the scope read of tenant shop: --token',
    );
  });

  it('reckons from a part of the series where there are too many', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `orders_total{result="paid",env="prod",shop="${i}"}`);
    const config = configuration(`type: query, url: '${await start({ series: many, count: 90_000 })}', ${LOOPBACK}`);
    expect((await doctor(config)).text).toContain('ok       series       30 of 30 series are selected: 2 derived');
    const huge = await start({ series: many, count: 1e6 });
    expect((await doctor(configuration(`type: query, url: '${huge}', ${LOOPBACK}`))).text).toContain(
      'about 1000000 of 30 series are selected: about 2 derived',
    );
  });

  it.each([
    'null',
    '[]',
    '"text"',
    '{}',
    '{"status":"success"}',
    '{"status":"success","data":null}',
    '{"status":"success","data":[]}',
    '{"status":"success","data":{"resultType":"scalar","result":null}}',
    '{"status":"success","data":{"yaml":"a: [","sources":{},"result":[1]}}',
    '{"status":"success","data":{"yaml":7,"sources":[null],"window":null,"result":[1]}}',
    '<html>',
  ])('is not thrown by servers that answer %s to everything', async (body) => {
    const server = await startFakeServer((_, response) => response.end(body));
    opened.push(server);
    const sources = [
      [REMOTE_WRITE, '--prometheus', server.url, '--url', server.url],
      [`type: query, url: '${server.url}', ${LOOPBACK}`, '--url', server.url],
      [`type: federation, servers: ['${server.url}'], ${LOOPBACK}`, '--url', server.url],
    ];
    for (const [source = '', ...args] of sources) {
      const { code, text, err } = await doctor(configuration(source), ...args);
      expect([source, code, err]).toEqual([source, 1, 'error: source s has something that is broken\n']);
      expect(text).toMatch(/broken/);
    }
  });

  it('never hangs', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const began = performance.now();
    const config = configuration(`type: query, url: 'http://127.0.0.1:${port}', ${LOOPBACK}`);
    const { code, text } = await doctor(config, '--timeout', '0.3');
    expect(code).toBe(1);
    expect(text).toContain('broken   reach        timeout:');
    expect(performance.now() - began).toBeLessThan(3000);
    silent.close();
  });

  it('says whom it could ask where it can ask nobody', async () => {
    expect((await doctor(configuration(REMOTE_WRITE))).err).toBe(
      'error: nobody can be asked about s, which is written to: give --prometheus <url> of the server that sends, or --url <url> of the deployed API\n',
    );
    for (const args of [
      ['--url', 'ftp://x'],
      ['--timeout', '0'],
      ['--header', 'nothing'],
    ])
      expect((await doctor(configuration(REMOTE_WRITE), ...args)).code).toBe(1);
  });
});
