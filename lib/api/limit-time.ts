import { ApiError } from './api-error.ts';

/**
 * Runs `answer` with the same request and a signal that also ends it after a time. Everything that reads the store follows
 * the signal. Nothing of it outlives the answer: signals of the platform that wait for a time stay in memory until then.
 */
export async function limitTime(
  request: Request,
  timeoutMs: number | undefined,
  answer: (limited: Request) => Promise<Response>,
): Promise<Response> {
  if (timeoutMs === undefined) return answer(request);
  const controller = new AbortController();
  const hangUp = () => controller.abort(request.signal.reason);
  const timer = setTimeout(() => controller.abort(new DOMException('took too long', 'TimeoutError')), timeoutMs);
  if (request.signal.aborted) hangUp();
  request.signal.addEventListener('abort', hangUp, { once: true });
  try {
    return await answer(new Request(request, { signal: controller.signal }));
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener('abort', hangUp);
  }
}

/** What ended a request whose signal is aborted, whatever it threw on its way out. */
export function abortError({ reason }: AbortSignal): ApiError {
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new ApiError('timeout', 'request took too long: narrow the selector or the time range');
  }
  return new ApiError('canceled', 'request was canceled: the client went away');
}
