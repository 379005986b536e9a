import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { RemoteAccess } from '../../lib/context/remote-access.ts';
import { newRemoteClient, type RemoteRequest } from '../../lib/remote/remote-client.ts';
import { type FakeHandler, type FakeServer, LOCAL_ACCESS, startFakeServer, testSecret } from './fake-server.ts';

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const GET: RemoteRequest = { method: 'GET', path: '/federate', timeout: 2000, maxBytes: 100_000 };

async function start(handler: FakeHandler): Promise<FakeServer> {
  const server = await startFakeServer(handler);
  opened.push(() => server.close());
  return server;
}

function clientOf(url: string, access: Partial<RemoteAccess> = {}) {
  const client = newRemoteClient({ url, access: { ...LOCAL_ACCESS, ...access }, secret: testSecret });
  opened.push(() => client.close());
  return client;
}

describe('a remote client', () => {
  it('asks below the base URL, repeats names, and keeps its connection', async () => {
    const server = await start((_, response) => response.end('page'));
    const client = clientOf(`${server.url}/prefix`, { headers: { 'X-Scope-OrgID': 'a', 'X-Key': '${env:KEY}' } });
    const params = [
      ['match[]', '{a="b c"}'],
      ['match[]', "{x!~'(y|*)'}"],
    ] as const;
    for (let i = 0; i < 3; i++) expect(String((await client.send({ ...GET, params })).body)).toBe('page');
    const [seen] = server.seen;
    expect(seen?.url.pathname).toBe('/prefix/federate');
    expect(seen?.url.searchParams.getAll('match[]')).toEqual(params.map(([, value]) => value));
    expect(seen?.headers).toMatchObject({ 'x-scope-orgid': 'a', 'x-key': 'secret of KEY', 'accept-encoding': 'gzip' });
    expect(server.connections()).toBe(1);
  });

  it('sends the parameters of a POST as a form', async () => {
    const server = await start((_, response) => response.end());
    await clientOf(server.url).send({ ...GET, method: 'POST', params: [['query', 'up == 1']] });
    expect(server.seen[0]).toMatchObject({ method: 'POST', headers: { 'content-type': /form-urlencoded/ } });
    expect(String(server.seen[0]?.body)).toBe('query=up%20%3D%3D%201');
  });

  it('resolves to any status', async () => {
    const server = await start((_, response) => response.writeHead(503, { 'retry-after': '5' }).end('later'));
    expect(await clientOf(server.url).send(GET)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  it('replaces a kept connection that the server has closed meanwhile', async () => {
    let requests = 0;
    // Answers the first request of a connection and closes it at the sight of a second one.
    const server = createTcpServer((socket) => {
      let first = true;
      socket.on('data', () => {
        if (!first) {
          socket.destroy();
          return;
        }
        first = false;
        requests++;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (let i = 0; i < 3; i++) expect((await client.send(GET)).status).toBe(200);
    expect(requests).toBe(3);
  });

  it('ends early when the caller says so', async () => {
    const server = await start(() => {});
    const controller = new AbortController();
    const sent = clientOf(server.url).send({ ...GET, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(sent).rejects.toThrow('enough');
  });
});

describe('what comes back', () => {
  it('is decompressed', async () => {
    const text = 'up 1\n'.repeat(1000);
    const server = await start((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)),
    );
    expect(String((await clientOf(server.url).send(GET)).body)).toBe(text);
  });

  it.each([
    ['a bomb of 1 GB in a megabyte', gzipSync(Buffer.alloc(1 << 30), { level: 9 }), 'gzip'],
    ['a large page', Buffer.alloc(100_001), 'identity'],
  ])('is never more than allowed: %s', async (_, body, encoding) => {
    const server = await start((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    const before = process.memoryUsage().arrayBuffers;
    await expect(clientOf(server.url).send({ ...GET, timeout: 20_000 })).rejects.toMatchObject({
      reason: 'body_too_large',
      message: `cannot take the answer of ${server.url}/federate: it is larger than 100000 bytes after decompression`,
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
  });

  it.each([
    ['cut gzip', 'gzip', gzipSync('up 1\n'.repeat(1000)).subarray(0, 30), 'bad_response'],
    ['no gzip', 'gzip', Buffer.from('up 1\n'), 'bad_response'],
    ['an encoding we did not ask for', 'br', Buffer.from('x'), 'bad_response'],
  ])('is refused: %s', async (_, encoding, body, reason) => {
    const server = await start((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    await expect(clientOf(server.url).send(GET)).rejects.toMatchObject({ reason });
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad_response'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, 'bad_response'],
    ['a lying length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'connection_lost'],
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      'bad_response',
    ],
    ['nothing', '', 'connection_lost'],
  ])('is refused: %s', async (_, answer, reason) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(client.send(GET)).rejects.toMatchObject({ reason });
  });
});

describe('a server that does not answer', () => {
  it.each([
    ['never', () => {}],
    ['not to its end', (_: unknown, response: Parameters<FakeHandler>[1]) => void response.write('up 1\n')],
    [
      'one byte at a time',
      (_: unknown, response: Parameters<FakeHandler>[1]) => {
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('costs its timeout and no more: %s', async (_, handler) => {
    const server = await start(handler);
    const started = performance.now();
    await expect(clientOf(server.url).send({ ...GET, timeout: 200 })).rejects.toMatchObject({
      reason: 'timeout',
      message: `cannot read ${server.url}/federate: no whole answer within 0.2 s`,
    });
    expect(performance.now() - started).toBeLessThan(1500);
  });

  it('is told apart from one that refuses, and one that does not exist', async () => {
    const server = await start(() => {});
    await server.close();
    await expect(clientOf(server.url).send(GET)).rejects.toMatchObject({ reason: 'connection_refused' });
    const failing = newRemoteClient({
      url: 'http://nowhere.test',
      access: LOCAL_ACCESS,
      secret: testSecret,
      resolve: (_, callback) =>
        callback(Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.test'), { code: 'ENOTFOUND' }), []),
    });
    await expect(failing.send(GET)).rejects.toMatchObject({ reason: 'unknown_host' });
    const silent = newRemoteClient({
      url: 'http://silent.test',
      access: LOCAL_ACCESS,
      secret: testSecret,
      resolve: () => {},
    });
    await expect(silent.send({ ...GET, timeout: 50 })).rejects.toMatchObject({ reason: 'timeout' });
  });
});

describe('redirects', () => {
  const answerWith = (status: number, location: (server: { port: number }) => string) => {
    let port = 0;
    const handler: FakeHandler = ({ url }, response) => {
      if (url.pathname === '/end') response.end('there');
      else response.writeHead(status, { location: location({ port }) }).end();
    };
    return start(handler).then((server) => {
      port = server.port;
      return server;
    });
  };

  it.each([301, 302, 303, 307, 308])('are followed on the same host (%d), credentials with them', async (status) => {
    const server = await answerWith(status, () => '/end');
    const client = clientOf(server.url, { auth: { type: 'bearer', token: '${env:T}' } });
    expect(String((await client.send(GET)).body)).toBe('there');
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer secret of T',
      'Bearer secret of T',
    ]);
  });

  it.each([
    ['another host', () => 'http://example.com/end'],
    ['the metadata service', () => 'http://169.254.169.254/latest/meta-data/iam'],
    ['another port', ({ port }: { port: number }) => `http://127.0.0.1:${port + 1}/end`],
    ['another name of the same address', ({ port }: { port: number }) => `http://localhost:${port}/end`],
    ['a scheme-less host', () => '//example.com/end'],
    ['a file', () => 'file:///etc/passwd'],
    ['nowhere', () => 'http://'],
  ])('are not followed to %s', async (_, location) => {
    const server = await answerWith(302, location);
    await expect(clientOf(server.url).send(GET)).rejects.toMatchObject({ reason: 'redirect' });
    expect(server.seen).toHaveLength(1);
  });

  it('end, and keep a POST or fail', async () => {
    const loop = await answerWith(302, () => '/again');
    await expect(clientOf(loop.url).send(GET)).rejects.toThrow(/more than 3 redirects/);
    expect(loop.seen).toHaveLength(4);
    const post = { ...GET, method: 'POST', params: [['query', 'up']] } as const;
    await expect(clientOf(loop.url).send(post)).rejects.toThrow(/302 does not keep a POST/);
    const kept = await answerWith(307, () => '/end');
    expect(String((await clientOf(kept.url).send(post)).body)).toBe('there');
    expect(kept.seen.map(({ method, body }) => [method, String(body)])).toEqual([
      ['POST', 'query=up'],
      ['POST', 'query=up'],
    ]);
  });
});
