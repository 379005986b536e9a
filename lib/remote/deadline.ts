import { RemoteError } from './remote-error.ts';

/**
 * Runs a task with a signal that is aborted after `timeout` ms, or with the caller's own; leaves no timer behind.
 *
 * @throws RemoteError `timeout`, even where the task does not look at its signal; else what the task throws.
 */
export async function withDeadline<T>(
  timeout: number,
  what: string,
  outer: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(outer?.reason);
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new RemoteError('timeout', `cannot ${what}: no whole answer within ${timeout / 1000} s`));
  }, timeout);
  try {
    return await Promise.race([task(controller.signal), rejection(controller.signal)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
