import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import type { RemoteClient } from '../../lib/remote/remote-client.ts';
import { RemoteError } from '../../lib/remote/remote-error.ts';
import type { ErrorOf, Process } from './process.ts';
import type { SimServer } from './sim-server.ts';

/** What somebody who looks over the shoulder of a client sees. */
export interface ClientWatch {
  /** A page of `/federate` was received; `names` are the metrics that were asked for. */
  readonly onPage?: (server: string, names: readonly string[], page: readonly TimeSeries[]) => void;
  /** A question about [start, end], ms, got no answer. */
  readonly onUnanswered?: (start: number, end: number) => void;
}

/** A client of a simulated server, over the bad network; `timeout` in ms of the world. */
export function simClient(server: SimServer, process: Process, timeout: number, watch: ClientWatch): RemoteClient {
  return {
    url: server.url,
    close: () => {},
    send: async ({ path, params = [] }) => {
      const param = (name: string) => params.find(([key]) => key === name)?.[1];
      const [start, end] = [param('start') ?? param('time'), param('end') ?? param('time')];
      const miss = () => {
        if (start !== undefined) watch.onUnanswered?.(1000 * Number(start), 1000 * Number(end));
      };
      try {
        const answer = await Promise.race([
          process.call(path, () => server.answer({ path, params }), remoteErrorOf(server.url)),
          process.sleep(timeout).then(() => {
            throw new RemoteError('timeout', `${server.url} is slow`);
          }),
        ]);
        if (answer === undefined) throw new RemoteError('connection_refused', `nobody listens at ${server.url}`);
        if (answer.isSenseless) miss();
        if (answer.page !== undefined) watch.onPage?.(server.url, namesOf(params), answer.page);
        return answer.response;
      } catch (error) {
        miss();
        throw error;
      }
    },
  };
}

function namesOf(params: readonly (readonly [string, string])[]): string[] {
  return params.flatMap(([key, value]) => (key === 'match[]' ? (/"(.+)"/.exec(value)?.[1] ?? '').split('|') : []));
}

function remoteErrorOf(url: string): ErrorOf {
  return (fault) => {
    switch (fault) {
      case 'throttled':
        return new RemoteError('http_status', `${url} answers 429`);
      case 'failed':
      case 'broken':
        return new RemoteError('http_status', `${url} answers 500`);
      case 'cut':
        return new RemoteError('connection_lost', `${url} is gone`);
      default:
        return new RemoteError('timeout', `${url} does not answer`);
    }
  };
}
