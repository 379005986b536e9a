import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createToken, describeToken } from '../../lib/cli/create-token.ts';

describe('createToken', () => {
  it('makes 256 random bits and the hash by which they are recognised', () => {
    const { token, sha256 } = createToken();
    expect(Buffer.from(token.replace('tributary_', ''), 'base64url')).toHaveLength(32);
    expect(sha256).toBe(createHash('sha256').update(token).digest('hex'));
    expect(createToken().token).not.toBe(token);
  });

  it('is shown once, with the lines to paste', () => {
    const text = describeToken('t', { name: 'grafana', sha256: 'h', scopes: ['read'] });
    expect(text).toContain('\n  t\n');
    expect(text).toContain('- name: grafana\n        sha256: h\n        scopes: [read]\n');
  });

  it('names sources and the end where there are any', () => {
    const bound = { name: 'edge', sha256: 'h', scopes: ['write'], sources: ['a', 'b'], expires: '2027-01-01' };
    expect(describeToken('t', bound)).toContain(
      'scopes: [write]\n        sources: [a, b]\n        expires: 2027-01-01\n',
    );
  });
});
