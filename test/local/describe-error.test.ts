import { describe, expect, it } from 'vitest';
import { describeError } from '../../local/describe-error.ts';

describe('describeError', () => {
  it('tells message and stack', () => {
    const [first, ...frames] = describeError(new TypeError('cannot do it')).split('\n');
    expect(first).toBe('TypeError: cannot do it');
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.every((frame) => frame.startsWith('    at '))).toBe(true);
  });

  it.each([
    ['lines', 'a\nTributary is ready at http://evil.example'],
    ['frames', 'a\n    at forged (evil.ts:1:1)'],
    ['escape sequences', '\u001b[2J\u001b]0;title\u0007\u009b31m'],
    ['directions', 'a\u202eb\u2028c'],
  ])('holds %s of a message inside its line', (_, message) => {
    const lines = describeError(new Error(message)).split('\n');
    expect(lines[0]).toMatch(/^Error: /);
    expect(lines.slice(1).every((line) => line.startsWith('    at '))).toBe(true);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|evil\.ts:1:1\)$/u);
    expect(lines.slice(1).join('\n')).not.toContain('forged');
  });

  it('bounds what it tells', () => {
    expect(describeError(new Error('x'.repeat(100_000))).length).toBeLessThan(10_000);
    expect(describeError('y'.repeat(100_000)).length).toBeLessThan(3000);
  });

  it('tells what is no error at all', () => {
    expect(describeError('no\nerror')).toBe('no\\u{a}error');
    expect(describeError(undefined)).toBe('undefined');
  });
});
