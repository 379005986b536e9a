import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One parser, and what is known of the language it reads. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that are right, or nearly: what damage begins with. Never empty. */
  readonly corpus: readonly Uint8Array[];
  /** Words of the language, which are put where they do not belong. None: the input is binary. */
  readonly words: readonly string[];
  /** The errors with which the parser may refuse an input. Every other one is a crash. */
  readonly refusals: readonly ErrorClass[];
  /** Reads the input, and does with the result what the product does. Throws Error where the result is wrong. */
  run(input: Uint8Array): unknown;
}

export type ErrorClass = abstract new (...parts: never[]) => Error;

const CORPUS = fileURLToPath(new URL('corpus/', import.meta.url));
const CAPTURES = fileURLToPath(new URL('../../../shared/captures/', import.meta.url));

/** Larger seeds make slow rounds and no other paths. */
const MAX_SEED_BYTES = 20_000;

/** Files of `corpus/<folder>`. */
export function readCorpus(folder: string): readonly Uint8Array[] {
  return readdirSync(`${CORPUS}${folder}`)
    .sort()
    .map((file) => new Uint8Array(readFileSync(`${CORPUS}${folder}/${file}`)));
}

/** Small recorded bodies of real servers whose path in the captures matches; none where there are no captures. */
export function readRecorded(matching: RegExp): readonly Uint8Array[] {
  if (!existsSync(CAPTURES)) return [];
  return (readdirSync(CAPTURES, { recursive: true, withFileTypes: true }) ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => matching.test(path.slice(CAPTURES.length)))
    .sort()
    .map((path) => new Uint8Array(readFileSync(path)))
    .filter(({ length }) => length > 0 && length <= MAX_SEED_BYTES);
}

export function texts(...written: readonly string[]): readonly Uint8Array[] {
  return written.map((text) => new Uint8Array(Buffer.from(text)));
}

/** What is no UTF-8 becomes a replacement character, as in a body that is read as text. */
export function asText(input: Uint8Array): string {
  return Buffer.from(input.buffer, input.byteOffset, input.length).toString('utf8');
}
