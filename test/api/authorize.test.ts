import { describe, expect, it } from 'vitest';
import { newApi } from '../../lib/api/app.ts';
import type { ApiDependencies } from '../../lib/api/dependencies.ts';
import { ROUTES } from '../../lib/api/routes.ts';
import { accessOf } from '../../lib/context/access.ts';
import { dependenciesOf, engineOf, get, NOW, resultOf, storageWith } from './fixture.ts';

const PATHS = [...ROUTES.map(({ path }) => `/api/v1${path}`), '/api/v1/label/job/values', '/federate'];

const REFUSED: readonly [who: string, headers: Record<string, string>, status: number][] = [
  ['nobody', {}, 401],
  ['an unknown bearer token', bearer('nonsense'), 401],
  ['an unknown tenant', basic('ghost', 'acme-read'), 401],
  ["another tenant's token", basic('other', 'acme-read'), 401],
  ['a wrong password', basic('acme', 'nonsense'), 401],
  ['an empty token', bearer(''), 401],
  ['another scheme', { authorization: 'Digest acme-read' }, 401],
  ['a token that may only write', bearer('acme-write'), 403],
];

describe.each(PATHS)('%s', (path) => {
  it.each(REFUSED)('refuses %s', async (_, headers, status) => {
    const response = await privateApi().fetch(get(path, headers));
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate') !== null).toBe(status === 401);
    expect(await response.json()).toMatchObject({
      status: 'error',
      errorType: status === 401 ? 'unauthorized' : 'forbidden',
      error: expect.stringMatching(/./),
    });
  });

  const [scope = ''] = accessOf(path.replace('/label/job/', '/label/:name/')).scopes;
  it.each([
    ['Bearer', bearer(`acme-${scope}`)],
    ['Basic', basic('acme', `acme-${scope}`)],
  ])('admits a token that has the scope, as %s', async (_, headers) => {
    expect((await privateApi().fetch(get(path, headers))).status).not.toSatisfy((status) =>
      [401, 403].includes(status),
    );
  });
});

describe('the anonymous tenant', () => {
  it('answers who sends no credentials', async () => {
    const api = newApi(
      dependenciesOf({ storage: await storageWith([['up', NOW, 1]], 'other'), anonymousTenant: 'other' }),
    );
    expect(await (await api.fetch(get('/api/v1/label/__name__/values'))).json()).toMatchObject({ data: ['up'] });
  });

  it('does not answer for wrong credentials', async () => {
    const response = await newApi(dependenciesOf()).fetch(get('/api/v1/rules', bearer('nonsense')));
    expect(response.status).toBe(401);
  });
});

describe('tenants', () => {
  it('see their own data, whatever the request says', async () => {
    const storage = await storageWith([['of_acme', NOW, 1]], 'acme');
    const appender = storage.appender('other', 'derived');
    const [labels] = await storage.querier('acme').series({ mint: 0, maxt: NOW });
    appender.append((labels as NonNullable<typeof labels>).with({ __name__: 'of_other' }), {
      timestamp: NOW,
      value: 2,
    });
    await appender.commit();
    const api = privateApi({ storage });
    const names = async (token: string, search = '') => {
      const headers = { ...bearer(token), 'x-scope-orgid': 'other', 'x-tenant': 'other' };
      return (
        (await (await api.fetch(get(`/api/v1/label/__name__/values${search}`, headers))).json()) as { data: unknown }
      ).data;
    };
    expect(await names('acme-read')).toEqual(['of_acme']);
    expect(await names('acme-read', '?tenant=other&match[]={__name__=~"of_.*"}')).toEqual(['of_acme']);
    expect(await names('other-read')).toEqual(['of_other']);
  });
});

function privateApi(changes: Partial<ApiDependencies> = {}) {
  const { anonymousTenant: _, ...dependencies } = dependenciesOf(changes);
  return newApi({ ...dependencies, engine: engineOf(() => resultOf({ kind: 'vector', samples: [] })) });
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
