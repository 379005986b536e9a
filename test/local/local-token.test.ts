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

  it('needs a tenant that takes remote writes', () => {
    expect(() => withLocalToken([reader], 'secret')).toThrow(/no tenant of the configuration has a source/);
  });
});
