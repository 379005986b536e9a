import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonString, labelString } from '../../../lib/api/json/json-string.ts';

describe('labelString', () => {
  it.each([
    ['up', '"up"'],
    ['', '""'],
    ['a "b" \\ c', '"a \\"b\\" \\\\ c"'],
    ['\n\r\t', '"\\n\\r\\t"'],
    ['\b\f\u0000\u001f', '"\\u0008\\u000c\\u0000\\u001f"'],
    ['\u007f', '"\u007f"'],
    ['<a>&\u2028', '"<a>&\u2028"'],
    ['é 🜁', '"é 🜁"'],
  ])('writes %j as Go does for labels', (text, json) => {
    expect(labelString(text)).toBe(json);
  });

  it('is JSON of the same text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(JSON.parse(labelString(text))).toBe(text);
      }),
    );
  });
});

describe('jsonString', () => {
  it.each([
    ['<op:->', '"\\u003cop:-\\u003e"'],
    ['a & b', '"a \\u0026 b"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['"\\', '"\\"\\\\"'],
  ])('writes %j as Go does for all other text', (text, json) => {
    expect(jsonString(text)).toBe(json);
  });

  it('is JSON of the same text, inert in HTML', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(JSON.parse(jsonString(text))).toBe(text);
        expect(jsonString(text)).not.toMatch(/[<>&\u2028\u2029]/);
      }),
    );
  });
});

function anyText(): fc.Arbitrary<string> {
  const awkward = fc.constantFrom('"', '\\', '<', '>', '&', '\n', '\b', '\u0000', '\u2028', 'é', '🜁');
  return fc.array(fc.oneof(fc.string({ unit: 'binary' }), awkward)).map((parts) => parts.join(''));
}
