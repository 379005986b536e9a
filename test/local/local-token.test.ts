import { describe, expect, it } from 'vitest';
import { authenticate, sourceOf } from '../../lib/context/authenticate.ts';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';
import { withLocalToken } from '../../local/local-token.ts';

const reader: Tenant = { name: 'reader', tokens: [], sources: [], limits: DEFAULT_INTAKE_LIMITS };
const writer: Tenant = {
  name: 'shop',
  tokens: [{ name: 'old', sha256: 'a'.repeat(64), scopes: ['write'] }],
  sources: [
    { name: 'prometheus', type: 'remote_write', tokens: ['old'], scope: DEFAULT_SCOPE },
    { name: 'second', type: 'remote_write', tokens: [], scope: DEFAULT_SCOPE },
  ],
  limits: DEFAULT_INTAKE_LIMITS,
};

describe('withLocalToken', () => {
  it('lets the token write as the first source, and read', () => {
    const { tenants, tenant } = withLocalToken([reader, writer], 'secret');
    expect(tenant).toBe('shop');
    for (const scope of ['write', 'read'] as const) {
      const identity = authenticate(tenants, 'Bearer secret', scope);
      expect(identity.kind).toBe('authenticated');
      if (identity.kind === 'authenticated') expect(sourceOf(identity).name).toBe('prometheus');
    }
    expect(authenticate(tenants, 'Bearer secret', 'admin').kind).toBe('forbidden');
    expect(tenants[0]).toBe(reader);
    expect(tenants[1]?.tokens.map(({ name }) => name)).toEqual(['old', 'local']);
    expect(writer.tokens).toHaveLength(1);
  });

  it('adds a source for the token where all others are read from', () => {
    const puller: Tenant = { ...reader, name: 'puller' };
    const { tenants, tenant } = withLocalToken([puller, reader], 'secret');
    const identity = authenticate(tenants, 'Bearer secret', 'write');
    expect([tenant, identity.kind === 'authenticated' && sourceOf(identity).name]).toEqual(['puller', 'local']);
  });

  it('passes over tenants whose servers are asked, and only reads where there are no others', () => {
    const asker = { ...reader, name: 'asker', sources: [{ name: 'q', type: 'query' }] } as unknown as Tenant;
    expect(withLocalToken([asker, reader], 'secret')).toMatchObject({ tenant: 'reader', writes: true });
    const { tenants, tenant, writes } = withLocalToken([asker], 'secret');
    expect([tenant, writes, tenants[0]?.sources]).toEqual(['asker', false, asker.sources]);
    expect(authenticate(tenants, 'Bearer secret', 'read').kind).toBe('authenticated');
    expect(authenticate(tenants, 'Bearer secret', 'write').kind).toBe('forbidden');
  });

  it('needs a tenant', () => {
    expect(() => withLocalToken([], 'secret')).toThrow('cannot start: the configuration has no tenant; add one');
  });
});
