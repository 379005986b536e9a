import { createHash } from 'node:crypto';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';

export const CREDENTIALS = { user: 'acme', password: 'a-token-that-may-write' } as const;
export const READ_TOKEN = 'a-token-that-may-only-read';
export const STRAY_TOKEN = 'a-token-of-no-source';
export const OTHER_TOKEN = 'a-token-of-another-tenant';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Two tenants: `acme` with a writing, a reading and a stray token, and `other`. */
export const TEST_TENANTS: readonly Tenant[] = [
  {
    name: 'acme',
    tokens: [
      { name: 'prometheus', sha256: sha256(CREDENTIALS.password), scopes: ['write'] },
      { name: 'grafana', sha256: sha256(READ_TOKEN), scopes: ['read'] },
      { name: 'stray', sha256: sha256(STRAY_TOKEN), scopes: ['write'] },
    ],
    sources: [{ name: 'main', type: 'remote_write', tokens: ['prometheus'], scope: DEFAULT_SCOPE }],
    limits: DEFAULT_INTAKE_LIMITS,
  },
  {
    name: 'other',
    tokens: [{ name: 'agent', sha256: sha256(OTHER_TOKEN), scopes: ['write', 'read', 'admin'] }],
    sources: [{ name: 'edge', type: 'remote_write', tokens: ['agent'], scope: DEFAULT_SCOPE }],
    limits: DEFAULT_INTAKE_LIMITS,
  },
];
