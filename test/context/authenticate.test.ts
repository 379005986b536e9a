import { describe, expect, it } from 'vitest';
import { authenticate, NoSourceError, sourceOf } from '../../lib/context/authenticate.ts';
import type { Tenant } from '../../lib/context/tenant.ts';
import { sourceOf as federationSource } from '../pipeline/scrape-fixture.ts';
import { CREDENTIALS, OTHER_TOKEN, READ_TOKEN, STRAY_TOKEN, sha256, TEST_TENANTS } from '../receiver/test-tenants.ts';

describe('authenticate', () => {
  it.each([
    ['Basic', basic(CREDENTIALS.user, CREDENTIALS.password)],
    ['Basic in lower case', basic(CREDENTIALS.user, CREDENTIALS.password).replace('Basic', 'basic')],
    ['Bearer', `Bearer ${CREDENTIALS.password}`],
    ['Bearer in capitals', `BEARER ${CREDENTIALS.password}`],
  ])('knows a tenant by %s', (_, authorization) => {
    const result = authenticate(TEST_TENANTS, authorization, 'write');
    expect(result).toMatchObject({ kind: 'authenticated', tenant: { name: 'acme' }, token: { name: 'prometheus' } });
  });

  it('takes a password with a colon whole', () => {
    expect(authenticate(TEST_TENANTS, basic('acme', `${CREDENTIALS.password}:x`), 'write').kind).toBe(
      'unauthenticated',
    );
  });

  it('answers an unknown tenant, a wrong token and the token of another tenant alike', () => {
    const answers = [
      basic('nobody', CREDENTIALS.password),
      basic('acme', 'wrong'),
      basic('acme', OTHER_TOKEN),
      basic('other', CREDENTIALS.password),
      basic('', CREDENTIALS.password),
      'Bearer wrong',
    ].map((authorization) => authenticate(TEST_TENANTS, authorization, 'write'));
    for (const answer of answers) {
      expect(answer).toEqual({ kind: 'unauthenticated', reason: 'unknown tenant or wrong token' });
    }
  });

  it('answers for an expired token as for a wrong one, also when it was right a moment ago', () => {
    const tenants = TEST_TENANTS.map((tenant) => ({
      ...tenant,
      tokens: tenant.tokens.map((token) => ({ ...token, expires: 1000 })),
    }));
    const at = (now: number) => authenticate(tenants, `Bearer ${CREDENTIALS.password}`, 'write', now);
    expect(at(999).kind).toBe('authenticated');
    expect(at(1000)).toEqual({ kind: 'unauthenticated', reason: 'unknown tenant or wrong token' });
    expect(at(999).kind).toBe('authenticated');
  });

  it('is content with any of several scopes, and names them all where none is there', () => {
    expect(authenticate(TEST_TENANTS, `Bearer ${READ_TOKEN}`, ['read', 'admin']).kind).toBe('authenticated');
    expect(authenticate(TEST_TENANTS, `Bearer ${CREDENTIALS.password}`, ['read', 'admin'])).toMatchObject({
      kind: 'forbidden',
      reason: 'token prometheus of tenant acme has no scope "read" or "admin"',
    });
  });

  it('compares as many tokens for a stranger as for a tenant', () => {
    const compared = (authorization: string) => {
      let reads = 0;
      const tenants = TEST_TENANTS.map((tenant) => ({
        ...tenant,
        tokens: tenant.tokens.map(countReads(() => reads++)),
      }));
      authenticate(tenants, authorization, 'write');
      return reads;
    };
    expect(compared(basic('nobody', 'x'))).toBe(compared(basic('acme', CREDENTIALS.password)));
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic ===',
    'Bearer',
    'Digest username="a"',
    `Basic ${btoa('no colon')}`,
  ])('asks for credentials where there are none to read: %s', (authorization) => {
    const answer = authenticate(TEST_TENANTS, authorization, 'write');
    expect(answer).toEqual({ kind: 'unauthenticated', reason: expect.stringMatching(/Authorization: Basic/) });
  });

  it('tells a known token which scope it lacks', () => {
    const answer = authenticate(TEST_TENANTS, `Bearer ${READ_TOKEN}`, 'write');
    expect(answer).toMatchObject({ kind: 'forbidden', reason: 'token grafana of tenant acme has no scope "write"' });
    expect(authenticate(TEST_TENANTS, `Bearer ${READ_TOKEN}`, 'read').kind).toBe('authenticated');
    expect(authenticate(TEST_TENANTS, `Bearer ${OTHER_TOKEN}`, 'admin').kind).toBe('authenticated');
  });

  it('knows nobody where there are no tenants', () => {
    expect(authenticate([], 'Bearer x', 'read').kind).toBe('unauthenticated');
  });

  it('refuses a configuration whose hash could never match', () => {
    const broken = TEST_TENANTS.map(
      (tenant): Tenant => ({ ...tenant, tokens: [{ name: 't', sha256: 'abc', scopes: [] }] }),
    );
    expect(() => authenticate(broken, 'Bearer x', 'read')).toThrow(
      /token t of tenant acme: its sha256 is not 64 hex digits/,
    );
  });
});

describe('credentials that were right before', () => {
  it('are recognised, and still held to their scope', () => {
    for (let i = 0; i < 3; i++) {
      expect(authenticate(TEST_TENANTS, basic(CREDENTIALS.user, CREDENTIALS.password), 'write').kind).toBe(
        'authenticated',
      );
      expect(authenticate(TEST_TENANTS, `Bearer ${READ_TOKEN}`, 'read').kind).toBe('authenticated');
      expect(authenticate(TEST_TENANTS, `Bearer ${READ_TOKEN}`, 'write').kind).toBe('forbidden');
    }
  });

  it('do not help others: another user, another token, or the token as a user', () => {
    const { user, password } = CREDENTIALS;
    expect(authenticate(TEST_TENANTS, `Bearer ${password}`, 'write').kind).toBe('authenticated');
    for (const authorization of [
      basic('other', password),
      basic(user, `${password} `),
      basic('', password),
      basic(password, password),
      `Bearer ${user}:${password}`,
    ]) {
      for (let i = 0; i < 2; i++) {
        expect(authenticate(TEST_TENANTS, authorization, 'write').kind, authorization).toBe('unauthenticated');
      }
    }
  });

  it('are worth nothing in another configuration', () => {
    const authorization = `Bearer ${CREDENTIALS.password}`;
    expect(authenticate(TEST_TENANTS, authorization, 'write').kind).toBe('authenticated');
    const others = TEST_TENANTS.map((tenant) => ({ ...tenant, tokens: [] }));
    expect(authenticate(others, authorization, 'write').kind).toBe('unauthenticated');
  });

  it('are recognised after more of them than are kept', () => {
    const tokens = Array.from({ length: 300 }, (_, i) => ({
      name: `token-${i}`,
      sha256: sha256(`secret-${i}`),
      scopes: ['write'] as const,
    }));
    const [tenant] = TEST_TENANTS;
    if (tenant === undefined) throw new Error('the tenants of the tests are gone');
    const many = [{ ...tenant, tokens }];
    for (const i of [...tokens.keys(), 0, 150, 299]) {
      const result = authenticate(many, `Bearer secret-${i}`, 'write');
      expect(result.kind === 'authenticated' && result.token.name).toBe(`token-${i}`);
    }
  });
});

describe('sourceOf', () => {
  it('finds the source that names the token', () => {
    expect(sourceOf(identityOf(CREDENTIALS.password)).name).toBe('main');
    expect(sourceOf(identityOf(OTHER_TOKEN)).name).toBe('edge');
  });

  it('passes over sources that are read from: they have no tokens', () => {
    const identity = identityOf(OTHER_TOKEN);
    const sources = [sourceOf(identity)];
    const tenant = { ...identity.tenant, sources: [federationSource(['http://a']), ...sources] };
    expect(sourceOf({ ...identity, tenant })).toBe(sources[0]);
  });

  it('says what to do about a token that no source names', () => {
    expect(() => sourceOf(identityOf(STRAY_TOKEN))).toThrow(NoSourceError);
    expect(() => sourceOf(identityOf(STRAY_TOKEN))).toThrow(/token stray of tenant acme.*name it under tokens/);
  });
});

function identityOf(token: string) {
  const result = authenticate(TEST_TENANTS, `Bearer ${token}`, 'write');
  if (result.kind !== 'authenticated') throw new Error(result.reason);
  return result;
}

function basic(user: string, password: string): string {
  return `Basic ${btoa(`${user}:${password}`)}`;
}

/** Counts how often the hash of a token is looked at. */
function countReads(onRead: () => void) {
  return (token: Tenant['tokens'][number]): Tenant['tokens'][number] => ({
    name: token.name,
    scopes: token.scopes,
    get sha256() {
      onRead();
      return token.sha256;
    },
  });
}
