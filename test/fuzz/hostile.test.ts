import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Writer } from 'protobufjs/minimal.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../lib/api/dependencies.ts';
import { Labels } from '../../lib/model/labels.ts';
import { compileRegexp, RegexpError } from '../../lib/model/regexp.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import { RELABEL_DEFAULTS } from '../../lib/relabel/parse-relabel-config.ts';
import { compileRelabelConfigs } from '../../lib/relabel/relabel.ts';
import { parseQueryAnswer } from '../../lib/remote/query-answer.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { expandAlertTemplate } from '../../lib/rules/template/expand-alert-template.ts';
import { parseAlertTemplate } from '../../lib/rules/template/parse-alert-template.ts';
import { compress } from '../../lib/wire/snappy.ts';
import { apiOf, NOW } from '../api/fixture.ts';
import { rawV2, series, V1, V2, V2_HEADERS } from '../receiver/messages.ts';
import { CREDENTIALS, TEST_TENANTS } from '../receiver/test-tenants.ts';
import { LOCAL_ACCESS, testSecret } from '../remote/fake-server.ts';

/** What any one of these may take, ms of CPU. */
const MAX_MS = 2000;

async function inTime<T>(step: () => T | Promise<T>): Promise<T> {
  const began = process.cpuUsage();
  const result = await step();
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(MAX_MS);
  return result;
}

function write(body: Uint8Array) {
  return receive(
    {
      method: 'POST',
      headers: { authorization: `Bearer ${CREDENTIALS.password}`, ...V2_HEADERS },
      body,
      receivedAt: NOW,
      requestId: 'hostile',
    },
    {
      tenants: TEST_TENANTS,
      selects: () => true,
      planVersion: 'test',
      memories: new SeriesMemories(),
      queue: { send: async () => {} },
      now: () => NOW,
    },
  );
}

function ofLabels(...sets: readonly (readonly string[])[]): Uint8Array {
  const timeseries = sets.map((set) => {
    const name = { name: '__name__', value: 'm' };
    const rest = Array.from({ length: set.length / 2 }, (_, i) => ({
      name: set[2 * i] ?? '',
      value: set[2 * i + 1] ?? '',
    }));
    return series([name, ...rest], { samples: [{ timestamp: NOW, value: 1 }] });
  });
  return compress(encodeWriteRequest({ timeseries, metadata: [] }, V2));
}

describe('bodies that hurt', () => {
  it.each([
    ['claims 4 GiB', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0)],
    ['holds 50 MiB of zeros', compress(new Uint8Array(50 * 1024 * 1024))],
    ['claims more than it holds', Uint8Array.of(0x80, 0x80, 0x40, 0, 1)],
    ['copies from before its beginning', Uint8Array.of(10, 0xfe, 0xff, 0xff)],
  ])('a snappy block that %s is refused before it is held', async (_, body) => {
    const before = process.memoryUsage().arrayBuffers;
    const { status } = await inTime(() => write(body));
    expect([400, 413]).toContain(status);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  });

  it.each([
    ['a label of 5 MB', ['path', 'x'.repeat(5_000_000)]],
    ['a label name of 1 MB', ['x'.repeat(1_000_000), 'a']],
    ['100,000 labels', Array.from({ length: 100_000 }, (_, i) => [`l${String(i).padStart(6, '0')}`, 'v']).flat()],
  ])('%s is refused, and the series beside it is taken', async (_, set) => {
    const { status, outcome } = await inTime(() => write(ofLabels(set, ['job', 'good'])));
    expect(status).toBe(400);
    expect(outcome.account?.tally.accepted).toBe(1);
  });

  it('a million labels of one message are looked at in time', async () => {
    const sets = Array.from({ length: 50_000 }, (_, i) =>
      Array.from({ length: 20 }, (_, j) => [`l${String(j).padStart(2, '0')}`, `${i % 1000}`]).flat(),
    );
    const body = ofLabels(...sets);
    const { status } = await write(body);
    expect([204, 400, 413]).toContain(status);
  }, 30_000);

  it('groups in groups in groups of protobuf are no message', () => {
    const nested = new Writer();
    for (let i = 0; i < 100_000; i++) nested.uint32((15 << 3) | 3);
    for (const protocol of [V1, V2]) expect(() => decodeWriteRequest(nested.finish(), protocol)).toThrow(/cannot/i);
  });

  it.each([
    ['leads nowhere', ['', 'a'], [1, 4_000_000_000]],
    ['is odd', ['', '__name__', 'm'], [1, 2, 1]],
    ['has no empty symbol in front', ['x', '__name__', 'm'], [1, 2]],
  ])('a symbol table that lies (%s) is refused', async (_, symbols, refs) => {
    const { body } = rawV2(symbols, [{ refs }]);
    const { status } = await inTime(() => write(body));
    expect(status).toBe(400);
  });

  it('label sets made to collide cost no more than others', async () => {
    const crowded = Array.from({ length: 20_000 }, (_, i) => ['k', `${'\0'.repeat(i % 50)}${i}`]);
    await inTime(() => write(ofLabels(...crowded)));
  });
});

describe('regular expressions', () => {
  const TRAPS = ['(a+)+$', '(a|a)*b', '(.*a){25}', '([a-z]+)*!', '(x+x+)+y', '(?:a?){100}a{100}'];

  it.each(TRAPS)('%s takes time by the length of what it reads', async (source) => {
    const subject = `${'a'.repeat(20_000)}!`;
    await inTime(() => compileRegexp(source).matches(subject));
    const config = { ...RELABEL_DEFAULTS, sourceLabels: ['a'], regex: source, targetLabel: 'b' };
    const relabel = compileRelabelConfigs([config]);
    await inTime(() => relabel(Labels.fromMap(new Map([['a', subject.slice(0, 4000)]]))));
  });

  it('programs that are too large are refused', () => {
    expect(() => compileRegexp('((a{1000}){1000}){1000}')).toThrow(RegexpError);
    expect(() => compileRegexp(`(${'a.'.repeat(60_000)})`)).toThrow(RegexpError);
  });
});

describe('alerts', () => {
  it('a label that looks like a template stays text', async () => {
    const evil = '{{ query "up" }}{{ $labels.secret }}';
    const asked: string[] = [];
    const text = await expandAlertTemplate(
      parseAlertTemplate('{{ $labels.job }} {{ $labels.constructor }} {{ $labels.__proto__ }}'),
      { labels: new Map([['job', evil]]), value: 1 },
      { query: (expr) => Promise.resolve(asked.push(expr)).then(() => []), externalUrl: '' },
    );
    expect(text).toBe(`${evil}  `);
    expect(asked).toEqual([]);
  });

  it('a width of a billion is no gigabyte of spaces', async () => {
    const expand = async () =>
      expandAlertTemplate(parseAlertTemplate('{{ printf "%999999999d" 1 }}'), { labels: new Map(), value: 1 }, WORLD);
    const text = await inTime(() => expand().catch((error: Error) => error.message));
    expect(text.length).toBeLessThan(10_000);
  });
});

const WORLD = { query: async () => [], externalUrl: '' };

describe('the API', () => {
  const ask = (path: string, init?: RequestInit, changes?: Partial<ApiDependencies>) =>
    apiOf(changes).fetch(new Request(`http://x${path}`, init));

  it.each([
    ['parents', '/api/v1/../../etc/passwd'],
    ['escaped parents', '/api/v1/label/..%2f..%2fetc/values'],
    ['a NUL', '/api/v1/label/%00/values'],
    ['a name every object has', '/api/v1/sources/__proto__/query'],
    ['a line break', '/api/v1/label/a%0d%0aSet-Cookie:%20b/values'],
    ['empty parts', '//api//v1//query'],
    ['five thousand parts', `/api/v1/${'a/'.repeat(5000)}`],
  ])('answers a path with %s below 500, and repeats nothing of it in headers', async (_, path) => {
    const response = await inTime(() => ask(path));
    expect(response.status).toBeLessThan(500);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('refuses credentials of any length and shape alike', async () => {
    for (const value of [
      'Basic',
      'Basic =',
      `Basic ${'QQ'.repeat(50_000)}`,
      `Bearer ${'x'.repeat(100_000)}`,
      'Digest a="b"',
    ]) {
      const response = await inTime(() => ask('/api/v1/labels', { headers: { authorization: value } }));
      expect(response.status).toBe(401);
    }
  });

  it('ten thousand parameters are read in time', async () => {
    const query = Array.from({ length: 10_000 }, (_, i) => `match[]=a${i}`).join('&');
    const body = new URLSearchParams(query);
    const response = await inTime(() => ask('/api/v1/series', { method: 'POST', body }));
    expect(response.status).toBeLessThan(500);
  });
});

describe("answers of the user's servers", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function clientOf(listener: Parameters<typeof createServer>[1]) {
    server = createServer(listener as never).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    return newRemoteClient({ url: `http://127.0.0.1:${port}`, access: LOCAL_ACCESS, secret: testSecret });
  }

  it('a gzip bomb is cut off at the limit', async () => {
    const bomb = gzipSync(new Uint8Array(200 * 1024 * 1024));
    const client = await clientOf((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const request = { method: 'GET', path: '/', timeout: 10_000, maxBytes: 1 << 20 } as const;
    await expect(client.send(request)).rejects.toMatchObject({ reason: 'body_too_large' });
    client.close();
  });

  it('a server that drips a byte at a time is given up at the deadline', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    });
    const began = performance.now();
    const request = { method: 'GET', path: '/', timeout: 400, maxBytes: 1 << 20 } as const;
    await expect(client.send(request)).rejects.toMatchObject({ reason: 'timeout' });
    expect(performance.now() - began).toBeLessThan(5000);
    client.close();
  });

  it('JSON that nests a hundred thousand levels is refused', async () => {
    const deep = `{"status":"success","data":{"resultType":"vector","result":${'['.repeat(100_000)}`;
    await inTime(() => expect(() => parseQueryAnswer(deep, 1000)).toThrow(/JSON/));
    const closed = `${deep}${']'.repeat(100_000)}}}`;
    await inTime(() => expect(() => parseQueryAnswer(closed, 1000)).toThrow());
  });
});
