import type { ReadSecret, RemoteAuth } from '../context/remote-access.ts';
import { basicCredentials } from './basic-credentials.ts';
import { OAuth2Tokens } from './oauth2.ts';
import { RemoteError } from './remote-error.ts';
import { sigV4Headers } from './sigv4.ts';
import type { Transport } from './transport.ts';

/** What a request is, as far as a signature covers it. */
export interface SignableRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Authorizer {
  /** The headers that prove who we are. */
  authorize(request: SignableRequest): Promise<Record<string, string>>;
  /** The server answered 401. Whether trying once more, with new credentials, may help. */
  renew(): boolean;
}

export interface AuthorizerOptions {
  readonly auth: RemoteAuth;
  readonly secret: ReadSecret;
  readonly transport: Transport;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * Makes what a source's `auth` asks for. Secrets are read for every request, so that one that was changed is used at
 * once.
 */
export function newAuthorizer({ auth, secret, transport, now }: AuthorizerOptions): Authorizer {
  const read = (text: string) => readOrFail(text, secret);
  switch (auth.type) {
    case 'none':
      return constant(async () => ({}));
    case 'basic':
      return constant(async () => ({ authorization: basicCredentials(auth.username, await read(auth.password)) }));
    case 'bearer':
      return constant(async () => ({ authorization: `Bearer ${await read(auth.token)}` }));
    case 'sigv4':
      return {
        authorize: (request) => sigV4Headers(request, auth, read, now()),
        renew: () => false,
      };
    case 'oauth2':
      return new OAuth2Tokens(auth, read, transport, now);
  }
}

function constant(authorize: () => Promise<Record<string, string>>): Authorizer {
  return { authorize, renew: () => false };
}

async function readOrFail(text: string, secret: ReadSecret): Promise<string> {
  try {
    return await secret(text);
  } catch (error) {
    throw new RemoteError('credentials', (error as Error).message, error);
  }
}
