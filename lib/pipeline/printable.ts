import { type Label, Labels } from '../model/labels.ts';

const MAX_LENGTH = 200;

/** Quotes untrusted text for an error or a log: control characters escaped, at most 200 characters. */
export function printable(text: string): string {
  return `"${shorten(escapeUnprintable(text))}"`;
}

/** Untrusted text for people, without quotes: control characters escaped, at most `max` characters. */
export function printableText(text: string, max: number): string {
  return shorten(escapeUnprintable(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu), max);
}

/** A series as people write it, from labels that may be broken; shortened, control characters escaped. */
export function printableSeries(labels: readonly Label[] | Labels): string {
  const known = labels instanceof Labels ? labels : Labels.from(labels);
  return shorten(escapeUnprintable(known.toString(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu));
}

function escapeUnprintable(text: string, unprintable = /["\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu): string {
  return text.replace(unprintable, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** By code points, so that no character is cut in two. */
function shorten(text: string, max = MAX_LENGTH): string {
  if (text.length <= max) return text;
  return `${[...text.slice(0, max * 2)].slice(0, max).join('')}…`;
}
