import { RemoteError } from './remote-error.ts';
import type { RemoteResponse } from './transport.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** These turn a POST into a GET without its form. */
const CHANGE_METHOD: ReadonlySet<number> = new Set([301, 302, 303]);

/**
 * Where an answer sends us on to; undefined where it is no redirect. Only the configured host is followed, and from http
 * to https but never back: credentials go with every hop.
 *
 * @throws RemoteError `redirect` for any other target.
 */
export function redirectTarget(
  { status, headers }: Pick<RemoteResponse, 'status' | 'headers'>,
  { method, url, base }: { readonly method: 'GET' | 'POST'; readonly url: URL; readonly base: URL },
): URL | undefined {
  if (!REDIRECTS.has(status)) return undefined;
  const location = headers['location'] ?? '';
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  const fail = (cause: string) => new RemoteError('redirect', `cannot follow the redirect of ${url.origin}: ${cause}`);
  if (target === undefined || location === '') throw fail(`its Location ${JSON.stringify(location)} is no URL`);
  if (method === 'POST' && CHANGE_METHOD.has(status)) throw fail(`${status} does not keep a POST; use 307 or 308`);
  if (!isSameHost(target, base) || !isSameHost(target, url)) {
    throw fail(`it leads to ${target.origin}; if that is the server, put its URL into the source`);
  }
  // Credentials of a URL would override ours, and a fragment is for browsers.
  target.username = '';
  target.password = '';
  target.hash = '';
  return target;
}

function isSameHost(target: URL, from: URL): boolean {
  if (target.hostname !== from.hostname) return false;
  if (target.protocol === from.protocol) return target.port === from.port;
  return from.protocol === 'http:' && target.protocol === 'https:';
}
