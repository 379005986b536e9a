/** Why a server of the user's did not give what was asked of it. A closed set: accounts and alerts are kept by it. */
export const FAILURE_REASONS = [
  'timeout',
  'unknown_host',
  'address_not_allowed',
  'connection_refused',
  'connection_lost',
  'unreachable',
  'tls',
  'credentials',
  'unauthorized',
  'redirect',
  'http_status',
  'body_too_large',
  'bad_response',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** A request to a server failed. Its text names server and cause, and never holds a credential. */
export class RemoteError extends Error {
  override name = 'RemoteError';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, text: string, cause?: unknown) {
    super(text, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

/** Finds the reason behind an error of `node:http`, `node:tls`, `node:zlib` or the resolver. */
export function asRemoteError(error: unknown, what: string): RemoteError {
  if (error instanceof RemoteError) return error;
  const { code = '', message = String(error) } = (error ?? {}) as { code?: unknown; message?: string };
  const reason = reasonOf(String(code));
  return new RemoteError(reason, `cannot ${what}: ${message || String(code)}`, error);
}

const REASON_OF: Readonly<Record<string, FailureReason>> = {
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unknown_host',
  ENODATA: 'unknown_host',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  ERR_STREAM_PREMATURE_CLOSE: 'connection_lost',
  ETIMEDOUT: 'timeout',
  ERR_INVALID_CHAR: 'credentials',
};

/** OpenSSL's verdicts on certificates have no prefix in common. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

function reasonOf(code: string): FailureReason {
  if (TLS_CODE.test(code)) return 'tls';
  if (code.startsWith('HPE_') || code.startsWith('Z_')) return 'bad_response';
  return REASON_OF[code] ?? 'unreachable';
}
