import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableSeries } from '../../lib/pipeline/printable.ts';
import { labels } from '../receiver/messages.ts';

describe('printable', () => {
  it.each([
    ['plain', '"plain"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['a\nb\u001b[0m', '"a\\u{a}b\\u{1b}[0m"'],
    ['\u202eright to left\u2028', '"\\u{202e}right to left\\u{2028}"'],
    ['🦦', '"🦦"'],
  ])('quotes %j', (text, quoted) => {
    expect(printable(text)).toBe(quoted);
  });

  it('leaves nothing that could start a line, colour a terminal or grow without bound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect([...printable(text)].length).toBeLessThanOrEqual(203);
      }),
    );
  });

  it('cuts between characters', () => {
    expect(printable('🦦'.repeat(300))).toBe(`"${'🦦'.repeat(200)}…"`);
  });
});

describe('printableSeries', () => {
  it('shows labels as people write them, broken ones too', () => {
    expect(printableSeries(labels('job', 'a\nb', '__name__', 'up'))).toBe('up{job="a\\nb"}');
    expect(printableSeries(labels('a', '1', 'a', '2'))).toBe('{a="2"}');
    expect(printableSeries([])).toBe('{}');
  });

  it('shortens', () => {
    expect(printableSeries(labels('__name__', 'up', 'x', 'y'.repeat(1e5)))).toHaveLength(201);
  });
});
