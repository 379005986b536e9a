import type { Choices } from '../promql/differential/choices.ts';

/** What any input may be made of, whichever language it should be in. */
const BYTES = [0, 1, 0x0a, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0xc0, 0xe2, 0xed, 0xfe, 0xff];

/** Names that JavaScript objects have already, characters that do not show, and numbers at edges. */
const ALWAYS = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '\u0000', '\r\n', '\u2028', '\ud800', '😀'],
  ...['NaN', '-0', '1e309', '-1e-320', '9223372036854775808', '0x10', 'null', 'true', '{}', '[]', '""', '%00', '../'],
];

/** Longest input that repeats may make. */
const MAX_BYTES = 50_000;

/**
 * An input for the parsers: most are seeds with one to four wounds, some are words in any order, a few are noise.
 * Equal choices make equal inputs.
 */
export function damaged(corpus: readonly Uint8Array[], words: readonly string[], choices: Choices): Uint8Array {
  if (words.length > 0 && choices.chance(0.1)) return wordSalad(words, choices);
  if (choices.chance(0.01)) return noise(choices);
  let result: Uint8Array = Uint8Array.from(choices.of(corpus));
  const wounds = choices.chance(0.5) ? 1 : choices.integer(2, 4);
  for (let i = 0; i < wounds; i++) {
    result = wound(result, choices.of(corpus), words, choices);
    if (result.length > MAX_BYTES) result = result.subarray(0, MAX_BYTES);
  }
  return Uint8Array.from(result);
}

function wordSalad(words: readonly string[], choices: Choices): Uint8Array {
  const length = choices.integer(1, 40);
  const glue = choices.of(['', ' ', '\n']);
  return bytesOf(Array.from({ length }, () => word(words, choices)).join(glue));
}

function noise(choices: Choices): Uint8Array {
  return Uint8Array.from({ length: choices.integer(0, 300) }, () => choices.integer(0, 255));
}

function wound(bytes: Uint8Array, donor: Uint8Array, words: readonly string[], choices: Choices): Uint8Array {
  const at = choices.integer(0, bytes.length);
  const to = Math.min(bytes.length, at + choices.integer(0, choices.chance(0.8) ? 16 : 400));
  return choices.way(
    () => replaced(bytes, at, at + 1, [(bytes[at] ?? 0) ^ (1 << choices.integer(0, 7))]),
    () => replaced(bytes, at, at + 1, [choices.chance(0.5) ? choices.of(BYTES) : choices.integer(0, 255)]),
    () => bytes.subarray(0, at),
    () => replaced(bytes, at, to, []),
    () => replaced(bytes, at, to, graft(donor, choices)),
    () => replaced(bytes, at, at, repeated(bytes.subarray(at, to), choices)),
    () => replaced(bytes, at, at + 1, varint(choices)),
    () => (words.length > 0 ? replaced(bytes, at, at, bytesOf(word(words, choices))) : swapped(bytes, at, to)),
    () => (words.length > 0 ? wordForWord(bytes, words, choices) : swapped(bytes, at, to)),
    () => (words.length > 0 ? lineMoved(bytes, choices) : swapped(bytes, at, to)),
  );
}

function replaced(bytes: Uint8Array, from: number, to: number, by: ArrayLike<number>): Uint8Array {
  return Buffer.concat([bytes.subarray(0, from), Uint8Array.from(by), bytes.subarray(to)]);
}

function graft(donor: Uint8Array, choices: Choices): Uint8Array {
  const from = choices.integer(0, donor.length);
  return donor.subarray(from, from + choices.integer(0, 200));
}

function repeated(piece: Uint8Array, choices: Choices): Uint8Array {
  const copies = choices.chance(0.9) ? choices.integer(1, 20) : choices.integer(100, 2000);
  return Buffer.concat(Array.from({ length: copies }, () => piece)).subarray(0, MAX_BYTES);
}

/** Lengths that lie: up to eleven bytes, one more than 64 bits need. */
function varint(choices: Choices): number[] {
  const bytes = Array.from({ length: choices.integer(1, 11) }, () => 0x80 | choices.integer(0, 127));
  if (choices.chance(0.7)) bytes[bytes.length - 1] = choices.integer(0, 127);
  return bytes;
}

function swapped(bytes: Uint8Array, at: number, to: number): Uint8Array {
  return Buffer.concat([bytes.subarray(at, to), bytes.subarray(0, at), bytes.subarray(to)]);
}

function wordForWord(bytes: Uint8Array, words: readonly string[], choices: Choices): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const found = [...text.matchAll(/[\w.]+/g)];
  if (found.length === 0) return bytesOf(word(words, choices));
  const { index, 0: old } = choices.of(found);
  return replaced(bytes, index, index + old.length, bytesOf(word(words, choices)));
}

/** A line in another place, or twice, or deeper: structure that indentation makes. */
function lineMoved(bytes: Uint8Array, choices: Choices): Uint8Array {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const line = choices.of(lines);
  const indented = choices.way(
    () => line,
    () => `  ${line}`,
    () => line.trimStart(),
  );
  lines.splice(choices.integer(0, lines.length), choices.integer(0, 1), indented);
  return Buffer.from(lines.join('\n'), 'latin1');
}

function word(words: readonly string[], choices: Choices): string {
  return choices.chance(0.25) ? choices.of(ALWAYS) : choices.of(words);
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}
