import { describe, expect, it, vi } from 'vitest';
import { newLog } from '../../lib/lambda/new-log.ts';

describe('newLog', () => {
  it.each([
    ['line breaks', 'a\r\nb\u0085c\u2028d\u2029e'],
    ['escape sequences', '\u001b[2K\u001b[1Gall is well\u009b31m\u0007'],
    ['directions of text', 'user\u202e\u2066gnol\u200f'],
    ['an end of its own text', '"}\n{"level":"INFO","message":"all is well"}'],
    ['half of a character', '\ud800'],
  ])('holds %s inside its text', (_, text) => {
    const error = new Error(text, { cause: new Error(text) });
    const lines = logged((log) => log.error('cannot', { text, nested: { list: [text] }, error }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', message: 'cannot' });
  });

  it('bounds every text, so that no line is cut in two', () => {
    const text = 'a'.repeat(1_000_000);
    const error = Object.assign(new Error(text), { query: text });
    const [line = ''] = logged((log) => log.error(text, { text, error }));
    expect(Buffer.byteLength(line)).toBeLessThan(40_000);
    expect(JSON.parse(line).text).toBe(`${'a'.repeat(4000)}…`);
  });

  it('leaves alone what may stand in a line', () => {
    const about = { text: 'größer 日本 🙂', count: 3, list: ['a'] };
    const [line = ''] = logged((log) => log.info('well', about));
    expect(JSON.parse(line)).toMatchObject(about);
  });
});

/** What is written to a log, line by line. */
function logged(write: (log: ReturnType<typeof newLog>) => void): string[] {
  const texts: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => texts.push(String(text)) > 0),
  );
  write(newLog());
  for (const spy of spies) spy.mockRestore();
  const lines = texts.join('').split('\n');
  expect(lines.pop(), 'the end of the last line').toBe('');
  return lines;
}
