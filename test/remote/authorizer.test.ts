import { afterEach, describe, expect, it } from 'vitest';
import type { OAuth2Auth, RemoteAuth, SigV4Auth } from '../../lib/context/remote-access.ts';
import { newRemoteClient, type RemoteRequest } from '../../lib/remote/remote-client.ts';
import { type FakeHandler, LOCAL_ACCESS, startFakeServer, testSecret } from './fake-server.ts';
import { sigV4Fault } from './verify-sigv4.ts';

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const GET: RemoteRequest = {
  method: 'GET',
  path: '/api/v1/query',
  params: [['query', 'up{a="b c"}']],
  timeout: 2000,
  maxBytes: 1000,
};

async function start(handler: FakeHandler) {
  const server = await startFakeServer(handler);
  opened.push(() => server.close());
  return server;
}

function clientOf(
  url: string,
  auth: RemoteAuth,
  options: { now?: () => number; secret?: (text: string) => string } = {},
) {
  const client = newRemoteClient({ url, access: { ...LOCAL_ACCESS, auth }, secret: testSecret, ...options });
  opened.push(() => client.close());
  return client;
}

describe.each([
  ['none', { type: 'none' }, undefined],
  ['basic', { type: 'basic', username: 'mé', password: '${env:P}' }, `Basic ${btoa('m\xc3\xa9:secret of P')}`],
  ['bearer', { type: 'bearer', token: '${env:T}' }, 'Bearer secret of T'],
] as const)('%s', (_, auth, expected) => {
  it('is what the server asks for', async () => {
    const server = await start(({ headers }, response) =>
      response.writeHead(headers.authorization === expected ? 200 : 401).end(),
    );
    expect((await clientOf(server.url, auth).send(GET)).status).toBe(200);
  });
});

describe('secrets', () => {
  it('are read for each request, so that a new one is used at once', async () => {
    const server = await start((_, response) => response.end());
    let token = 'one';
    const client = clientOf(server.url, { type: 'bearer', token: '${env:T}' }, { secret: () => token });
    await client.send(GET);
    token = 'two';
    await client.send(GET);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two']);
  });

  it.each([
    ['a password', { type: 'basic', username: 'u', password: '${env:MISSING}' }],
    ['a token', { type: 'bearer', token: '${env:MISSING}' }],
  ] as const)('that are missing fail before anything is sent: %s', async (_, auth) => {
    const server = await start((_request, response) => response.end());
    await expect(clientOf(server.url, auth).send(GET)).rejects.toMatchObject({
      reason: 'credentials',
      message: expect.stringContaining('${env:MISSING}'),
    });
    expect(server.seen).toEqual([]);
  });

  it('that cannot stand in a header are refused without being shown', async () => {
    const server = await start((_, response) => response.end());
    const client = clientOf(server.url, { type: 'bearer', token: '${env:T}' }, { secret: () => 'line\nbreak' });
    const error: Error = await client.send(GET).then(
      () => new Error('sent'),
      (reason) => reason,
    );
    expect(error).toMatchObject({ reason: 'credentials' });
    expect(error.message).not.toContain('break');
  });
});

describe('oauth2', () => {
  const oauth2 = (url: string, more: Partial<OAuth2Auth> = {}): OAuth2Auth => ({
    type: 'oauth2',
    tokenUrl: `${url}/token`,
    clientId: 'id:with/colon',
    clientSecret: '${env:S}',
    scopes: ['read', 'metrics'],
    parameters: { audience: 'https://prometheus' },
    ...more,
  });

  /** A server that is its own token endpoint; `valid` is the token it takes now. */
  const startProtected = async (answer: (count: number) => object, status = 200) => {
    const state = { tokens: 0, valid: '' };
    const server = await start(({ url, headers, body }, response) => {
      if (url.pathname !== '/token') {
        response.writeHead(headers.authorization === `Bearer ${state.valid}` ? 200 : 401).end();
        return;
      }
      const form = new URLSearchParams(String(body));
      const isClient = headers.authorization === `Basic ${btoa('id%3Awith%2Fcolon:secret+of+S')}`;
      const isGrant = form.get('grant_type') === 'client_credentials' && form.get('scope') === 'read metrics';
      if (!isClient || !isGrant || form.get('audience') !== 'https://prometheus') {
        response.writeHead(401).end(JSON.stringify({ error: 'invalid_client' }));
        return;
      }
      state.tokens++;
      state.valid = `token-${state.tokens}`;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer(state.tokens)));
    });
    return { server, state };
  };

  const granted = (count: number) => ({ access_token: `token-${count}`, token_type: 'Bearer', expires_in: 600 });

  it('gets one token for many requests, and a new one shortly before its end', async () => {
    const { server, state } = await startProtected(granted);
    let now = 1_000_000;
    const client = clientOf(server.url, oauth2(server.url), { now: () => now });
    const statuses = await Promise.all(Array.from({ length: 5 }, () => client.send(GET).then(({ status }) => status)));
    expect([statuses, state.tokens]).toEqual([[200, 200, 200, 200, 200], 1]);
    now += 569_000;
    await client.send(GET);
    expect(state.tokens).toBe(1);
    now += 2000;
    expect((await client.send(GET)).status).toBe(200);
    expect(state.tokens).toBe(2);
  });

  it('gets a new token once when the server no longer takes the old one', async () => {
    const { server, state } = await startProtected(granted);
    const client = clientOf(server.url, oauth2(server.url));
    await client.send(GET);
    state.valid = 'revoked all';
    expect((await client.send(GET)).status).toBe(200);
    expect(state.tokens).toBe(2);
  });

  it('gives up on a server that takes no token at all', async () => {
    const { server, state } = await startProtected(() => ({ access_token: 'never-valid', expires_in: 600 }));
    expect((await clientOf(server.url, oauth2(server.url)).send(GET)).status).toBe(401);
    expect(state.tokens).toBe(2);
  });

  it.each([
    [
      'an error',
      { error: 'invalid_scope', error_description: 'no such scope' },
      400,
      /it answers 400 "invalid_scope: no such scope"/,
    ],
    ['no JSON', 'x', 200, /has no usable access_token/],
    ['no token', {}, 200, /has no usable access_token/],
    ['a token with a line break', { access_token: 'a\r\nb: c' }, 200, /has no usable access_token/],
    ['another kind of token', { access_token: 'a', token_type: 'mac' }, 200, /token_type is "mac", not bearer/],
    ['no life', { access_token: 'a', expires_in: 'soon' }, 200, /expires_in is "soon", not a number of seconds/],
  ])('says what is wrong with the endpoint: %s', async (_, answer, status, expected) => {
    const { server } = await startProtected(() => answer as object, status);
    await expect(clientOf(server.url, oauth2(server.url)).send(GET)).rejects.toMatchObject({
      reason: 'credentials',
      message: expect.stringMatching(expected),
    });
  });

  it('lets nobody fail because somebody else who waits for the same token gives up', async () => {
    const server = await start(({ url }, response) => {
      const body = url.pathname === '/token' ? JSON.stringify(granted(1)) : '';
      setTimeout(() => response.end(body), 200);
    });
    const client = clientOf(server.url, oauth2(server.url));
    const hasty = client.send({ ...GET, timeout: 50 });
    const patient = client.send(GET);
    await expect(hasty).rejects.toMatchObject({ reason: 'timeout' });
    expect((await patient).status).toBe(200);
  });

  it('goes to no forbidden token endpoint, and waits for none for ever', async () => {
    const server = await start(() => {});
    const forbidden = oauth2('', { tokenUrl: 'http://169.254.169.254/token' });
    await expect(clientOf(server.url, forbidden).send(GET)).rejects.toMatchObject({ reason: 'address_not_allowed' });
    const slow = clientOf(server.url, oauth2(server.url)).send({ ...GET, timeout: 100 });
    await expect(slow).rejects.toMatchObject({ reason: 'timeout' });
  });
});

describe('sigv4', () => {
  const keys = { accessKeyId: 'secret of ID', secretAccessKey: 'secret of KEY' };
  const auth: SigV4Auth = {
    type: 'sigv4',
    region: 'eu-west-1',
    service: 'aps',
    accessKeyId: '${env:ID}',
    secretAccessKey: '${env:KEY}',
  };

  it.each([
    [
      'a GET with repeated parameters',
      {
        ...GET,
        params: [
          ['match[]', "{x=~'a|(b)*'}"],
          ['match[]', '{ä="ö"}'],
        ],
      },
      auth,
    ],
    ['a GET without parameters', { ...GET, params: [] }, auth],
    ['a form', { ...GET, method: 'POST', path: '/workspaces/ws-1/api/v1/query' }, auth],
    ['a session', GET, { ...auth, sessionToken: '${env:SESSION}' }],
  ] as const)('signs %s so that the signature holds', async (_, request, credentials) => {
    const faults: (string | undefined)[] = [];
    const server = await start((seen, response) => {
      faults.push(sigV4Fault(seen, keys));
      response.end();
    });
    await clientOf(server.url, credentials).send(request as RemoteRequest);
    expect(faults).toEqual([undefined]);
    expect(server.seen[0]?.headers.authorization).toContain('/eu-west-1/aps/aws4_request');
  });

  it('makes a signature that another key, path or body does not have', async () => {
    const server = await start((_, response) => response.end());
    await clientOf(server.url, auth).send({ ...GET, method: 'POST' });
    const [seen] = server.seen;
    if (seen === undefined) throw new Error('nothing was sent');
    expect(sigV4Fault(seen, keys)).toBeUndefined();
    expect(sigV4Fault(seen, { ...keys, secretAccessKey: 'x' })).toMatch(/does not match/);
    expect(sigV4Fault({ ...seen, body: Buffer.from('query=1') }, keys)).toMatch(/does not match/);
    expect(sigV4Fault({ ...seen, url: new URL('/other', seen.url) }, keys)).toMatch(/does not match/);
  });
});
