import type { Patience } from '../lib/storage/dynamodb/new-client.ts';

/**
 * How long the store may take here. The stand-ins answer in this process, which stands still while a long query is evaluated,
 * and for longer where the machine has other things to do. A timer that is due then rings before the answer that has long
 * come is read, so patience is for such pauses, too. It still ends before the worker's time is up.
 */
export const STORE_PATIENCE: Patience = { connectMs: 10_000, answerMs: 30_000 };

/** The same for a message to the queue, ms: its four attempts end within the half minute that Prometheus waits. */
export const SEND_MS = 7000;

const LONG_POLL_MS = 20_000;

/** The same for who receives from the queue: a long poll without messages is answered at its end. */
export const POLLING = {
  connectionTimeout: STORE_PATIENCE.connectMs,
  requestTimeout: LONG_POLL_MS + STORE_PATIENCE.answerMs,
  throwOnRequestTimeout: true,
  socketTimeout: LONG_POLL_MS + STORE_PATIENCE.answerMs,
};
