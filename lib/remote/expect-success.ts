import { RemoteError } from './remote-error.ts';
import type { RemoteResponse } from './transport.ts';

const MAX_SAID = 200;

/**
 * Passes an answer of 200 on.
 * @throws RemoteError `unauthorized` for 401 and 403, `http_status` for any other; with what the server said.
 */
export function expectSuccess(response: RemoteResponse, url: string): RemoteResponse {
  const { status, body } = response;
  if (status === 200) return response;
  const [said = ''] = body
    .subarray(0, 4 * MAX_SAID)
    .toString('utf8')
    .trim()
    .split('\n');
  const text = `${url} answers ${status}${said === '' ? '' : ` ${JSON.stringify(said.slice(0, MAX_SAID))}`}`;
  if (status === 401 || status === 403) throw new RemoteError('unauthorized', text);
  throw new RemoteError('http_status', text);
}
