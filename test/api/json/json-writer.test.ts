import { describe, expect, it } from 'vitest';
import { JsonTooLongError, JsonWriter } from '../../../lib/api/json/json-writer.ts';

describe('JsonWriter', () => {
  it('joins what was written, as UTF-8', () => {
    const out = new JsonWriter();
    out.write('["é');
    out.write('"]');
    expect(out.toBuffer()).toEqual(Buffer.from('["é"]'));
  });

  it('keeps order over many chunks', () => {
    const out = new JsonWriter();
    const numbers = Array.from({ length: 50_000 }, (_, i) => `${i},`);
    for (const text of numbers) out.write(text);
    expect(out.toBuffer().toString()).toBe(numbers.join(''));
  });

  it('stops at its bound, while writing or at the end', () => {
    expect(() => new JsonWriter(1000).write('x'.repeat(100_000))).toThrow(JsonTooLongError);
    const out = new JsonWriter(3);
    out.write('éé');
    expect(() => out.toBuffer()).toThrow('cannot write JSON: more than 3 bytes');
  });

  it('takes exactly its bound', () => {
    const out = new JsonWriter(4);
    out.write('éé');
    expect(out.toBuffer().length).toBe(4);
  });
});
