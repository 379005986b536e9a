import { parseDuration } from '../duration.ts';
import { DURATION, NUMBER } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** A number without sign, or a duration (`5m`), which counts in seconds. */
export function parseNumber(
  tokens: TokenStream,
  context = '',
  expected = '',
): { readonly value: number; readonly duration: boolean } {
  const { type, text, start, end } = tokens.peek();
  if (type !== NUMBER && type !== DURATION) throw tokens.unexpected(context, expected);
  tokens.take();
  if (type === NUMBER) {
    const value = numberValue(text);
    if (Math.abs(value) === Number.POSITIVE_INFINITY && /\d/.test(text)) {
      tokens.note(`error parsing number: ${JSON.stringify(text)}: value out of range`, { start, end });
    }
    return { value, duration: false };
  }
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) tokens.note(`not a valid duration string: ${JSON.stringify(text)}`, { start, end });
  return { value: (milliseconds ?? 0) / 1000, duration: true };
}

/** As Go reads it: `0x1f` is hexadecimal, digits after a leading 0 are octal where they can be. */
function numberValue(text: string): number {
  const plain = text.replaceAll('_', '').toLowerCase();
  if (plain === 'inf') return Number.POSITIVE_INFINITY;
  if (plain === 'nan') return Number.NaN;
  return /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
}
