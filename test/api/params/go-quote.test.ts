import { expect, it } from 'vitest';
import { goQuote } from '../../../lib/api/params/go-quote.ts';

it.each([
  ['abc', '"abc"'],
  ['a "b" \\', '"a \\"b\\" \\\\"'],
  ['\n\t\u0007\u000b', '"\\n\\t\\a\\v"'],
  ['\u0001\u007f', '"\\x01\\x7f"'],
  ['é ü 日', '"é ü 日"'],
  ['\u00a0\u2028\ufeff', '"\\u00a0\\u2028\\ufeff"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('quotes %j as Go does', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
