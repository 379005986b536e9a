import { expectSuccess } from './expect-success.ts';
import type { RemoteClient } from './remote-client.ts';

/** One answer of `/federate`. */
export interface FederatePage {
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

export interface FederateOptions {
  /** ms */
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Whether the page may come as protobuf, the only format that has native histograms; text by default. */
  readonly withHistograms?: boolean;
}

/**
 * Text, for `/federate` never answers OpenMetrics. Without `escaping` Prometheus 3 replaces characters of UTF-8 names by
 * underscores, and two names may become one.
 */
const ACCEPT = 'text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Protobuf first; a server that does not have it answers text. */
const ACCEPT_HISTOGRAMS =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/**
 * Reads the last sample of every series that some selector matches.
 * @throws RemoteError
 */
export async function federate(
  client: RemoteClient,
  matchers: readonly string[],
  { withHistograms = false, ...options }: FederateOptions,
): Promise<FederatePage> {
  const { headers, body } = expectSuccess(
    await client.send({
      method: 'GET',
      path: '/federate',
      params: matchers.map((matcher) => ['match[]', matcher]),
      headers: { accept: withHistograms ? ACCEPT_HISTOGRAMS : ACCEPT },
      ...options,
    }),
    `${client.url}/federate`,
  );
  return { contentType: headers['content-type'], body };
}
