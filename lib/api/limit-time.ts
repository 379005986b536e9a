import { ApiError } from './api-error.ts';

/** The same request with a signal that also ends it after a time. Everything that reads the store follows the signal. */
export function limitTime(request: Request, timeoutMs: number | undefined): Request {
  if (timeoutMs === undefined) return request;
  return new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]) });
}

/** What ended a request whose signal is aborted, whatever it threw on its way out. */
export function abortError({ reason }: AbortSignal): ApiError {
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new ApiError('timeout', 'request took too long: narrow the selector or the time range');
  }
  return new ApiError('canceled', 'request was canceled: the client went away');
}
