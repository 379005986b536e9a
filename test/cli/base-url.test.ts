import { describe, expect, it } from 'vitest';
import { baseUrl } from '../../lib/cli/base-url.ts';

describe('baseUrl', () => {
  it('takes http and https, and leaves slashes at the end out', () => {
    expect(baseUrl('https://a.example/prefix//')).toBe('https://a.example/prefix');
    expect(baseUrl('http://127.0.0.1:9201')).toBe('http://127.0.0.1:9201');
  });

  it.each(['127.0.0.1:9201', 'ftp://a', 'a'])('refuses %s', (text) => {
    expect(() => baseUrl(text)).toThrow('It must be a URL with http:// or https://.');
  });
});
