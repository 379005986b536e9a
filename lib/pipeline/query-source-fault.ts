import { QueryRejectedError } from '../remote/query.ts';
import { type FailureReason, RemoteError } from '../remote/remote-error.ts';

/** Why something of a run is missing; `reason` is what accounts are kept by. */
export interface Fault {
  readonly reason: string;
  readonly detail: string;
  /** Of the server; absent where it answered and we could not use it. */
  readonly cause?: FailureReason;
}

/**
 * What a failed question counts as.
 * @throws the error itself where no server can have caused it.
 */
export function queryFault(error: unknown): Fault {
  if (!(error instanceof RemoteError)) throw error;
  const kind = error instanceof QueryRejectedError && error.errorType !== '' ? error.errorType : error.reason;
  return { reason: `query_failed: ${kind}`, detail: error.message.slice(0, 500), cause: error.reason };
}
