import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REQUEST_CONTEXT_LENGTH, requestContext } from '../../lib/context/request-context.ts';

describe('requestContext', () => {
  it.each([
    ['/cart/4711', '/cart/{}'],
    ['/cart/4711/items/12?page=2#top', '/cart/{}/items/{}'],
    ['GET /cart/4711', 'GET /cart/{}'],
    ['/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301/avatar', '/users/{}/avatar'],
    ['/blob/da39a3ee5e6b4b0d3255bfef95601890afd80709', '/blob/{}'],
    ['/objects/507f1f77bcf86cd799439011', '/objects/{}'],
    ['/order/order-10023', '/order/{}'],
    ['/report/2026-11-22', '/report/{}'],
    ['/charge/ch_3MmlLrLkdIwHu7ix0snN0B15', '/charge/{}'],
    ['/u/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/u/{}'],
    ['/u/jane@example.com', '/u/{}'],
    ['/tx/-12.5', '/tx/{}'],
    ['http://shop:8080/cart/4711?x=1', 'http://shop:8080/cart/{}'],
    ['http://shop:8080?x=1', 'http://shop:8080'],
    ['/', '/'],
    ['', ''],
  ])('%s becomes %s', (value, expected) => {
    expect(requestContext(value)).toBe(expected);
  });

  it.each([
    '/api/v1/query_range',
    '/oauth2/token',
    '/mp3/s3/h264',
    '/cart/{id}',
    '/cart/:id/<int:n>',
    '/static/*',
    'Order#place',
    'SELECT shop.orders',
    'orders-1234567',
    '/facade/decade',
    'UNKNOWN',
    '/**',
  ])('%s stays', (value) => {
    expect(requestContext(value)).toBe(value);
  });

  it('is bounded and does not cut a character in two', () => {
    const long = requestContext(`/${'a/'.repeat(300)}`);
    expect(long).toHaveLength(MAX_REQUEST_CONTEXT_LENGTH);
    expect(/\p{Surrogate}/u.test(requestContext(`/${'😀/'.repeat(300)}`))).toBe(false);
    expect(requestContext(`/x/${'a'.repeat(65)}`)).toBe('/x/{}');
  });

  it('changes nothing the second time', () => {
    const segment = fc.oneof(fc.string({ maxLength: 70 }), fc.uuid(), fc.nat().map(String), fc.emailAddress());
    const value = fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join('/')}`);
    fc.assert(
      fc.property(fc.oneof(value, fc.string()), (text) => {
        const once = requestContext(text);
        expect(requestContext(once)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(MAX_REQUEST_CONTEXT_LENGTH);
      }),
    );
  });
});
