import type { ReadSecret } from '../context/remote-access.ts';
import { type FetchSecret, newFetchSecret, type SecretStore } from '../remote/secret-store.ts';
import { readSecret, STORED } from './read-secret.ts';

/** How long what a store said is believed, ms: a secret that was changed is used so much later at the latest. */
const KEPT_MS = 5 * 60_000;

export interface SecretReaderOptions {
  /** Default: the stores of AWS. */
  readonly fetch?: FetchSecret;
  /** ms */
  readonly now?: () => number;
}

interface Kept {
  readonly value: Promise<string>;
  readonly until: number;
}

/**
 * Reads the secrets that texts refer to: environment and files at once, `${ssm:NAME}` and `${secretsmanager:NAME#KEY}` from
 * AWS, each once in five minutes however many ask for it. Nothing is asked for before somebody needs it, and a failure is
 * not kept.
 *
 * @returns a reader that throws, or rejects with, an Error that names the reference and never a value.
 */
export function newSecretReader(
  environment: Readonly<Record<string, string | undefined>>,
  { fetch = newFetchSecret(environment), now = Date.now }: SecretReaderOptions = {},
): ReadSecret {
  const kept = new Map<string, Kept>();
  const stored = (store: SecretStore, name: string): Promise<string> => {
    const key = `${store}:${name}`;
    const known = kept.get(key);
    if (known !== undefined && known.until > now()) return known.value;
    const value = fetch(store, name);
    kept.set(key, { value, until: now() + KEPT_MS });
    value.catch(() => kept.delete(key));
    return value;
  };
  return (text) => (text.search(STORED) < 0 ? readSecret(text, environment) : resolveAll(text, environment, stored));
}

async function resolveAll(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  stored: (store: SecretStore, name: string) => Promise<string>,
): Promise<string> {
  let [result, end] = ['', 0];
  for (const match of text.matchAll(new RegExp(STORED, 'g'))) {
    const [reference, store = '', name = '', key] = match;
    result += readSecret(text.slice(end, match.index), environment);
    end = match.index + reference.length;
    try {
      result += partOf(await stored(store as SecretStore, name), key);
    } catch (error) {
      throw new Error(`cannot read ${reference}: ${(error as Error).message}`, { cause: error });
    }
  }
  return result + readSecret(text.slice(end), environment);
}

/** One value of a secret that is a JSON object; all of it without a key. */
function partOf(value: string, key: string | undefined): string {
  if (key === undefined) return value.replace(/\r?\n$/, '');
  const part = entriesOf(value)[key];
  if (typeof part === 'string' && part !== '') return part;
  throw new Error(`the secret is no JSON object with a text under ${JSON.stringify(key)}`);
}

function entriesOf(value: string): Readonly<Record<string, unknown>> {
  try {
    const object: unknown = JSON.parse(value);
    return typeof object === 'object' && object !== null ? (object as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
