import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRouter } from '../../lib/api/app.ts';
import { ACCESS } from '../../lib/context/access.ts';
import { NOW } from '../api/fixture.ts';
import { labels, series, v1 } from '../receiver/messages.ts';
import { apiDependencies, DEPLOYED, openWorld, type World } from './world.ts';

/** What each token of a tenant gets; `admitted` is the status of a request that may pass. */
interface Expected {
  readonly admitted: number;
  /** Names of tokens that may pass; every other one is told 403. */
  readonly by: readonly string[];
}

const READERS = ['read', 'all'];
const WATCHERS = ['read', 'admin', 'all'];

/** One row for each route that is deployed, written apart from the table of the code. */
const ROWS: Readonly<Record<string, Expected | 'everybody'>> = {
  'POST /api/v1/write': { admitted: 204, by: ['write', 'all', 'edge'] },
  'GET /api/v1/query': { admitted: 200, by: READERS },
  'POST /api/v1/query': { admitted: 200, by: READERS },
  'GET /api/v1/query_range': { admitted: 200, by: READERS },
  'POST /api/v1/query_range': { admitted: 200, by: READERS },
  'GET /api/v1/query_exemplars': { admitted: 200, by: READERS },
  'POST /api/v1/query_exemplars': { admitted: 200, by: READERS },
  'GET /api/v1/explain': { admitted: 200, by: READERS },
  'POST /api/v1/explain': { admitted: 200, by: READERS },
  'GET /api/v1/format_query': { admitted: 200, by: READERS },
  'POST /api/v1/format_query': { admitted: 200, by: READERS },
  'GET /api/v1/parse_query': { admitted: 200, by: READERS },
  'POST /api/v1/parse_query': { admitted: 200, by: READERS },
  'GET /api/v1/series': { admitted: 200, by: READERS },
  'POST /api/v1/series': { admitted: 200, by: READERS },
  'GET /api/v1/labels': { admitted: 200, by: READERS },
  'POST /api/v1/labels': { admitted: 200, by: READERS },
  'GET /api/v1/label/:name/values': { admitted: 200, by: READERS },
  'GET /api/v1/metadata': { admitted: 200, by: READERS },
  'GET /api/v1/rules': { admitted: 200, by: READERS },
  'GET /api/v1/alerts': { admitted: 200, by: READERS },
  'GET /federate': { admitted: 200, by: READERS },
  // The server of the source cannot be reached from here: who gets that far was admitted.
  'POST /api/v1/sources/:name/query': { admitted: 503, by: [...READERS, 'lon'] },
  'POST /api/v1/sources/:name/query_range': { admitted: 503, by: [...READERS, 'lon'] },
  'GET /api/v1/status/buildinfo': { admitted: 200, by: WATCHERS },
  'GET /api/v1/status/cardinality': { admitted: 200, by: WATCHERS },
  'GET /api/v1/status/compaction': { admitted: 200, by: WATCHERS },
  'GET /api/v1/status/cost': { admitted: 200, by: WATCHERS },
  'GET /api/v1/status/dead-letters': { admitted: 200, by: ['admin', 'all'] },
  'GET /api/v1/status/evaluation': { admitted: 200, by: WATCHERS },
  'GET /api/v1/status/intake': { admitted: 200, by: [...WATCHERS, 'lon', 'edge'] },
  'GET /api/v1/status/sources': { admitted: 200, by: [...WATCHERS, 'lon', 'edge'] },
  'GET /api/v1/status/tokens': { admitted: 200, by: ['admin', 'all'] },
  'GET /api/v1/status/tsdb': { admitted: 200, by: READERS },
  'GET /status': { admitted: 200, by: WATCHERS },
  'GET /-/healthy': 'everybody',
  'GET /-/ready': 'everybody',
};

const TOKENS = ['write', 'read', 'admin', 'all', 'lon', 'edge', 'stray'];

/** Credentials that belong to nobody. Of some, a part is right. */
const STRANGERS: Readonly<Record<string, Record<string, string>>> = {
  'an unknown token': bearer('zeta-nothing'),
  'an expired token': bearer('acme-expired'),
  'an expired token as password': basic('acme', 'acme-expired'),
  'a wrong password of a tenant': basic('acme', 'wrong'),
  'a wrong password of no tenant': basic('none', 'wrong'),
  "another tenant's token": basic('acme', 'zeta-all'),
  "a tenant's token under another name": basic('zeta', 'acme-all'),
  'the name of a tenant alone': basic('acme', ''),
  'the hash of a token': bearer('0'.repeat(64)),
  'a token with something behind it': bearer('acme-allx'),
  'a token in capitals': bearer('ACME-ALL'),
};

const NO_CREDENTIALS: Readonly<Record<string, Record<string, string>>> = {
  none: {},
  'an empty header': { authorization: '' },
  'another scheme': { authorization: 'Digest acme-all' },
  'a scheme alone': { authorization: 'Bearer' },
  'two tokens': { authorization: 'Bearer acme-all acme-all' },
  'basic without a colon': { authorization: `Basic ${btoa('acme')}` },
  'a token under other headers': {
    'x-scope-orgid': 'acme',
    cookie: 'authorization=Bearer acme-all',
    'proxy-authorization': 'Bearer acme-all',
  },
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('the table of routes', () => {
  it('has a row for every route of the API', async () => {
    const router = newRouter(await apiDependencies());
    const mounted = router.routes
      .filter(({ method, path }) => method !== 'ALL' && method !== 'OPTIONS' && path !== '/*')
      .map(({ method, path }) => `${method} ${path}`);
    expect(
      Object.keys(ROWS)
        .filter((row) => row !== 'POST /api/v1/write')
        .sort(),
    ).toEqual([...new Set(mounted)].sort());
  });

  it('has a row for every route of serverless.yml, and nothing else answers', () => {
    const fixed = DEPLOYED.filter(({ path }) => !path.includes('{')).map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(ROWS)).toEqual(expect.arrayContaining(fixed));
    const open = DEPLOYED.filter(({ path }) => path.includes('{')).map(
      ({ functionName, path }) => `${functionName} ${path}`,
    );
    expect([...new Set(open)]).toEqual(['api /api/v1/{proxy+}']);
    for (const row of Object.keys(ROWS)) {
      const [method, path = ''] = row.split(' ');
      const reached = DEPLOYED.some(
        (route) =>
          route.method === method && (route.path === path || (route.path.includes('{') && path.startsWith('/api/v1/'))),
      );
      expect([row, reached]).toEqual([row, true]);
    }
  });

  it('agrees with the table of the code and with that of the docs', () => {
    const paths = new Set(Object.keys(ROWS).map((row) => row.split(' ')[1]));
    expect([...paths].sort()).toEqual(Object.keys(ACCESS).sort());
    const docs = readFileSync(new URL('../../docs/tokens.md', import.meta.url), 'utf8');
    for (const [path, access] of Object.entries(ACCESS)) {
      const line = docs
        .split('\n')
        .find((one) => one.startsWith('|') && one.includes(`\`${path.replace(':name', '<name>')}\``));
      const scopes = access === 'everybody' ? 'no token' : access.scopes.map((scope) => `\`${scope}\``).join(' or ');
      const bound = access === 'everybody' ? '' : access.reach === 'sources' ? 'its own sources' : 'no';
      const cells = line?.split('|').map((cell) => cell.trim());
      expect([path, cells?.[2], cells?.[3]]).toEqual([path, scopes, bound]);
    }
  });
});

describe.each(Object.entries(ROWS))('%s', (row, expected) => {
  const [method = '', path = ''] = row.split(' ');

  it.each([...Object.entries(STRANGERS), ...Object.entries(NO_CREDENTIALS)])('refuses %s', async (_, headers) => {
    const { status, challenge } = await send(method, path, headers);
    expect([status, challenge]).toEqual(expected === 'everybody' ? [200, false] : [401, true]);
  });

  it.each(TOKENS)('answers the token %s of either tenant as it should, by either scheme', async (token) => {
    const answers = [];
    for (const tenant of ['acme', 'zeta']) {
      for (const headers of [bearer(`${tenant}-${token}`), basic(tenant, `${tenant}-${token}`)]) {
        answers.push((await send(method, path, headers)).status);
      }
    }
    const wanted = expected === 'everybody' ? 200 : expected.by.includes(token) ? expected.admitted : 403;
    expect(answers).toEqual([wanted, wanted, wanted, wanted]);
  });

  it('answers all strangers alike, to the byte', async () => {
    const answers = await Promise.all(Object.values(STRANGERS).map((headers) => send(method, path, headers)));
    expect(new Set(answers.map(({ whole }) => whole)).size).toBe(1);
  });
});

describe('what is no route', () => {
  const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
  const paths = [
    ...new Set(Object.keys(ROWS).map((row) => row.split(' ')[1] ?? '')),
    '/api/v1/admin/tsdb/delete_series',
    '/',
    '/api/v1/sources/lon',
    '/metrics',
    '/api/v1/write/',
    '/API/V1/query',
  ];
  const rest = METHODS.flatMap((method) => paths.map((path) => [method, path] as const)).filter(
    ([method, path]) => ROWS[`${method} ${path}`] === undefined,
  );

  it.each(rest)('%s %s says the same to everybody, and nothing of anybody', async (method, path) => {
    const everybody = [{}, bearer('acme-all'), bearer('acme-read'), basic('acme', 'wrong'), basic('none', 'wrong')];
    const answers = await Promise.all(everybody.map((headers) => send(method, path, headers)));
    expect(new Set(answers.map(({ whole }) => whole)).size).toBe(1);
    // The local server says itself that it is ready, whatever the method.
    const wanted = path.startsWith('/-/') ? [200] : method === 'OPTIONS' ? [204, 404] : [404, 405];
    expect(wanted).toContain(answers[0]?.status);
  });
});

it('nothing of all that was a fault of ours', () => {
  expect(world.faults).toEqual([]);
});

async function send(method: string, path: string, headers: Record<string, string>) {
  const url = `${world.url}${path.replace(':name', path.includes('/sources/') ? 'lon' : 'job')}`;
  const response = await fetch(path === '/api/v1/write' ? url : `${url}?${PARAMETERS}`, {
    method,
    headers: { ...(path === '/api/v1/write' ? WRITE.headers : {}), ...headers },
    ...(path === '/api/v1/write' && method === 'POST' ? { body: Buffer.from(WRITE.body) } : {}),
  });
  const body = await response.text();
  // Both tell one answer from the next, whoever asks.
  const told = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return {
    status: response.status,
    challenge: response.headers.has('www-authenticate'),
    whole: JSON.stringify([response.status, told, body]),
  };
}

const WRITE = v1([series(labels('__name__', 'up'), { samples: [{ timestamp: NOW, value: 1 }] })]);

const PARAMETERS = new URLSearchParams([
  ['query', 'up'],
  ['match[]', 'up'],
  ['series', 'up'],
  ['start', String(NOW / 1000 - 60)],
  ['end', String(NOW / 1000)],
  ['time', String(NOW / 1000)],
  ['step', '15'],
]);

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${btoa(`${user}:${password}`)}` };
}
