import { ExecutionError, ParseError, QueryCanceledError, QueryTimeoutError } from '../promql/errors.ts';
import { QueueUnavailableError } from '../queue/interface.ts';
import { StorageUnavailableError } from '../storage/errors.ts';

/** Prometheus's error types and the status each is answered with. 499: the client went away (nginx's number). */
export const ERROR_STATUS = {
  bad_data: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  execution: 422,
  canceled: 499,
  internal: 500,
  unavailable: 503,
  timeout: 503,
} as const;

export type ErrorType = keyof typeof ERROR_STATUS;

/** An error as the API tells it: `{"status":"error","errorType":…,"error":…}`. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly type: ErrorType;

  constructor(type: ErrorType, message: string) {
    super(message);
    this.type = type;
  }

  get status(): number {
    return ERROR_STATUS[this.type];
  }
}

/** A parameter that cannot be used, in Prometheus's words. */
export function invalidParameter(name: string, reason: string): ApiError {
  return new ApiError('bad_data', `invalid parameter "${name}": ${reason}`);
}

/** How an error of any room is told to the client; undefined where it is a fault of ours that clients shall not see. */
export function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof ParseError) return invalidParameter('query', error.message);
  if (error instanceof ExecutionError) return new ApiError('execution', error.message);
  if (error instanceof QueryTimeoutError) return new ApiError('timeout', error.message);
  if (error instanceof QueryCanceledError) return new ApiError('canceled', error.message);
  return undefined;
}

/**
 * What a client is told of a fault of ours: whether it may pass, and nothing of its cause, which may name tables or
 * accounts. Prometheus answers `unavailable` with 500; 503 lets clients and proxies try again.
 */
export function internalErrorOf(error: unknown): ApiError {
  if (error instanceof StorageUnavailableError) {
    return new ApiError('unavailable', 'cannot read the store now: try again in some seconds');
  }
  if (error instanceof QueueUnavailableError) {
    return new ApiError('unavailable', 'cannot reach the queue now: try again in some seconds');
  }
  return new ApiError(
    'internal',
    'cannot answer the request: internal error, whose cause stands in the log of the API',
  );
}
