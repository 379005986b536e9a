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
    const text = describeToken('grafana', ['read'], { token: 't', sha256: 'h' });
    expect(text).toContain('- name: grafana\n        sha256: h\n        scopes: [read]\n');
  });
});
