/** Who sent a message and what is already known of it. Comes from authentication and the receiver, never from a payload. */
export interface Envelope {
  /** Unique to one part of one request; the same on every redelivery, and when its sender repeats the request. */
  readonly id: string;
  readonly tenant: string;
  /** The configured source that the samples came from. */
  readonly source: string;
  /** Version of the plan that selected the samples. */
  readonly plan: string;
  /** When the request was received, ms. */
  readonly receivedAt: number;
  /** What the receiver already counted: JSON of a partial ledger entry (`lib/pipeline/intake-account.ts`). */
  readonly account: string;
}

/** One message of the river: an envelope and a snappy-compressed `io.prometheus.write.v2.Request`. */
export interface QueueMessage {
  readonly envelope: Envelope;
  readonly body: Uint8Array;
}

/** The producing side. */
export interface Queue {
  /**
   * Resolves when every message is durably queued.
   * @throws QueueUnavailableError when any is not; messages may then be sent again (the worker is idempotent).
   */
  send(messages: readonly QueueMessage[]): Promise<void>;
}

/** The queue did not take a message now; the sender should try again later. */
export class QueueUnavailableError extends Error {
  override name = 'QueueUnavailableError';
}

/** Largest compressed body that one message can carry; with base64 and the envelope it stays under SQS's 1 MiB. */
export const MAX_MESSAGE_BODY_BYTES = 700 * 1024;
