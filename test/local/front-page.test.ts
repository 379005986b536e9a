import { expect, it } from 'vitest';
import { FRONT_ROUTE, frontPage } from '../../local/front-page.ts';
import { findRoute } from '../../local/http-routes.ts';

it('the front page leads to the status page, and no other path does', async () => {
  expect(await frontPage()).toEqual({ statusCode: 302, headers: { location: '/status' } });
  expect(findRoute([FRONT_ROUTE], 'GET', '/')?.functionName).toBe('frontPage');
  expect(findRoute([FRONT_ROUTE], 'GET', '/graph')).toBeUndefined();
});
