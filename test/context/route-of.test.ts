import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../lib/context/access.ts';
import { routeOf } from '../../lib/context/route-of.ts';

describe('routeOf', () => {
  it.each(Object.keys(ACCESS))('knows %s', (route) => {
    expect(routeOf(route.replaceAll(/:\w+/g, 'a b'))).toBe(route);
  });

  it.each([
    '/',
    '',
    '/api/v1/label/a/b/values',
    '/api/v1/label//values',
    '/api/v1/query/',
    '/x/api/v1/query',
    'toString',
  ])('knows no route of %j', (path) => expect(routeOf(path)).toBeUndefined());
});
