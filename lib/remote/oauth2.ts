import type { OAuth2Auth, ReadSecret } from '../context/remote-access.ts';
import type { Authorizer } from './authorizer.ts';
import { basicCredentials } from './basic-credentials.ts';
import { withDeadline } from './deadline.ts';
import { RemoteError } from './remote-error.ts';
import type { RemoteResponse, Transport } from './transport.ts';

/** A token answer is small; more is no token endpoint. */
const MAX_ANSWER_BYTES = 64 * 1024;

const TIMEOUT_MS = 10_000;

/** A token is renewed so long before its end, or a tenth of its life where that is less. */
const RENEW_EARLY = 30_000;

/** What the standard leaves out is not for ever: RFC 6749 only recommends `expires_in`. */
const DEFAULT_LIFE_SECONDS = 300;

interface AccessToken {
  readonly value: string;
  /** ms */
  readonly renewAt: number;
}

/**
 * Bearer tokens by the client credentials grant (RFC 6749, section 4.4). One token serves all requests until shortly
 * before it ends; requests that need a new one at the same time share one call.
 */
export class OAuth2Tokens implements Authorizer {
  readonly #auth: OAuth2Auth;
  readonly #read: ReadSecret;
  readonly #transport: Transport;
  readonly #now: () => number;
  #token: AccessToken | undefined;
  #pending: Promise<AccessToken> | undefined;

  constructor(auth: OAuth2Auth, read: ReadSecret, transport: Transport, now: () => number) {
    this.#auth = auth;
    this.#read = read;
    this.#transport = transport;
    this.#now = now;
  }

  async authorize(): Promise<Record<string, string>> {
    const known = this.#token;
    const token = known !== undefined && known.renewAt > this.#now() ? known : await this.#renewed();
    return { authorization: `Bearer ${token.value}` };
  }

  renew(): boolean {
    this.#token = undefined;
    return true;
  }

  /** By no signal of a caller: others may wait for the same token. Each of them has a time of its own. */
  async #renewed(): Promise<AccessToken> {
    const what = `get a token from ${this.#auth.tokenUrl}`;
    this.#pending ??= withDeadline(TIMEOUT_MS, what, undefined, (signal) => this.#fetch(signal)).finally(() => {
      this.#pending = undefined;
    });
    this.#token = await this.#pending;
    return this.#token;
  }

  async #fetch(signal: AbortSignal): Promise<AccessToken> {
    const { tokenUrl, clientId, clientSecret, scopes, parameters } = this.#auth;
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...parameters });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    const response = await this.#transport.exchange({
      url: new URL(tokenUrl),
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        // Section 2.3.1: both are form-encoded before they become Basic credentials.
        authorization: basicCredentials(formEncode(clientId), formEncode(await this.#read(clientSecret))),
      },
      body: Buffer.from(form.toString()),
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    });
    return readToken(response, tokenUrl, this.#now());
  }
}

function readToken({ status, body }: RemoteResponse, tokenUrl: string, now: number): AccessToken {
  const fail = (cause: string) => new RemoteError('credentials', `cannot get a token from ${tokenUrl}: ${cause}`);
  const answer = parseObject(body);
  if (status !== 200) throw fail(`it answers ${status}${describeError(answer)}`);
  const { access_token: value, token_type: type = 'bearer', expires_in: life = DEFAULT_LIFE_SECONDS } = answer ?? {};
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw fail('its answer has no usable access_token');
  if (String(type).toLowerCase() !== 'bearer') throw fail(`token_type is ${JSON.stringify(type)}, not bearer`);
  // Some servers write the number as a string.
  const lifeMs = Number(life) * 1000;
  if (!(lifeMs > 0)) throw fail(`expires_in is ${JSON.stringify(life)}, not a number of seconds`);
  return { value, renewAt: now + lifeMs - Math.min(RENEW_EARLY, lifeMs / 10) };
}

/** Section 5.2: `error` is one of a few words, `error_description` is for people. */
function describeError(answer: Record<string, unknown> | undefined): string {
  const { error, error_description: description } = answer ?? {};
  const said = [error, description].filter((part) => typeof part === 'string').join(': ');
  return said === '' ? '' : ` ${JSON.stringify(said.slice(0, 200))}`;
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function formEncode(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
