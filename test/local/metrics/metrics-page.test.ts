import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, type Tenant } from '../../../lib/context/tenant.ts';
import { metricsPage } from '../../../local/metrics/metrics-page.ts';
import { sha256 } from '../../receiver/test-tenants.ts';

const token = (name: string, scopes: Tenant['tokens'][number]['scopes'], sources?: string[]) => ({
  name,
  sha256: sha256(name),
  scopes,
  ...(sources !== undefined && { sources }),
});

const TENANTS: readonly Tenant[] = [
  {
    name: 'acme',
    tokens: [
      token('reader', ['read']),
      token('admin', ['admin']),
      token('writer', ['write']),
      token('bound', ['read'], ['eu']),
    ],
    sources: [],
    limits: DEFAULT_INTAKE_LIMITS,
  },
];

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const metrics = { page: async () => ({ contentType: CONTENT_TYPE, body: 'a 1\n' }) } as const;

const ask = async (authorization: string | undefined, isOpen: boolean) => {
  const headers = authorization === undefined ? {} : { authorization };
  return metricsPage({ headers } as APIGatewayProxyEventV2, { metrics, tenants: TENANTS, isOpen });
};

describe('metricsPage', () => {
  it('is open where nobody else reaches the server', async () => {
    expect(await ask(undefined, true)).toEqual({
      statusCode: 200,
      headers: { 'content-type': CONTENT_TYPE },
      body: 'a 1\n',
    });
  });

  it.each([
    ['nobody', undefined, 401],
    ['a stranger', 'Bearer nothing', 401],
    ['who may only write', 'Bearer writer', 403],
    ['a token of single sources', 'Bearer bound', 403],
    ['a reader', 'Bearer reader', 200],
    ['an administrator', `Basic ${btoa('acme:admin')}`, 200],
  ])('answers %s elsewhere by the token', async (_, authorization, status) => {
    const { statusCode, body = '' } = await ask(authorization, false);
    expect(statusCode).toBe(status);
    expect(body.includes('a 1')).toBe(status === 200);
  });

  it('refuses wrong credentials also where none are needed', async () => {
    expect(await ask('Bearer nothing', true)).toMatchObject({
      statusCode: 401,
      headers: { 'WWW-Authenticate': expect.stringContaining('Basic') },
    });
  });
});
