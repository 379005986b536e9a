import { describe, expect, it } from 'vitest';
import { findRoute } from '../../local/http-routes.ts';
import type { HttpRoute } from '../../local/serverless-file.ts';

const routes: readonly HttpRoute[] = [
  { method: 'GET', path: '/api/v1/{proxy+}', functionName: 'api' },
  { method: 'ANY', path: '/api/{proxy+}', functionName: 'any' },
  { method: 'POST', path: '/api/v1/write', functionName: 'write' },
  { method: 'GET', path: '/items/{id}', functionName: 'item' },
  { method: 'GET', path: '/items/all', functionName: 'items' },
  { method: 'GET', path: '/items/{id}/parts/{part}', functionName: 'part' },
];

describe('findRoute', () => {
  it.each([
    ['POST', '/api/v1/write', 'write', {}],
    ['GET', '/api/v1/write', 'api', { proxy: 'write' }],
    ['GET', '/api/v1/label/a b/values', 'api', { proxy: 'label/a b/values' }],
    ['PUT', '/api/v1/query', 'any', { proxy: 'v1/query' }],
    ['GET', '/items/7', 'item', { id: '7' }],
    ['GET', '/items/all', 'items', {}],
    ['GET', '/items/7/parts/9', 'part', { id: '7', part: '9' }],
  ])('%s %s goes to %s', (method, path, functionName, pathParameters) => {
    expect(findRoute(routes, method, path)).toMatchObject({ functionName, pathParameters });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/items'],
    ['GET', '/items/'],
    ['GET', '/items/7/'],
    ['DELETE', '/items/7'],
    ['GET', '/api/v1x'.replace('/api', '/apis')],
    ['GET', '/api/'],
  ])('%s %s goes nowhere', (method, path) => {
    expect(findRoute(routes, method, path)).toBeUndefined();
  });

  it('names the route as API Gateway does', () => {
    expect(findRoute(routes, 'GET', '/api/v1/query')?.routeKey).toBe('GET /api/v1/{proxy+}');
    const withDefault = [...routes, { method: 'ANY', path: '$default', functionName: 'rest' }];
    expect(findRoute(withDefault, 'GET', '/elsewhere')).toEqual({
      routeKey: '$default',
      functionName: 'rest',
      pathParameters: {},
    });
  });
});
