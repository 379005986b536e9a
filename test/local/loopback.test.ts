import { expect, it } from 'vitest';
import { isLoopback, loopbackNames } from '../../local/loopback.ts';

it.each([
  ['127.0.0.1', true],
  ['127.9.8.7', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.2', false],
  ['127.0.0.1.example.com', false],
])('isLoopback(%s) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

it('loopbackNames has what a Host header may hold', () => {
  for (const name of ['127.0.0.1', 'localhost', '[::1]', '127.0.0.2']) {
    expect(loopbackNames('127.0.0.2').has(name)).toBe(true);
  }
  expect(loopbackNames('127.0.0.1').has('example.com')).toBe(false);
});
