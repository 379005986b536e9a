import { type Queue, type QueueMessage, QueueUnavailableError } from './interface.ts';
import { ATTRIBUTE_TYPE, decodeSqsRecord, type EncodedMessage, encodeMessage } from './message.ts';

/** A queue in this process, for tests. Messages go through the same encoding, and so the same limits, as in SQS. */
export class MemoryQueue implements Queue {
  readonly #messages: EncodedMessage[] = [];
  #failure: string | undefined;

  get size(): number {
    return this.#messages.length;
  }

  async send(messages: readonly QueueMessage[]): Promise<void> {
    const encoded = messages.map(encodeMessage);
    if (this.#failure !== undefined) {
      throw new QueueUnavailableError(`cannot queue ${messages.length} messages: ${this.#failure}`);
    }
    this.#messages.push(...encoded);
  }

  /** Takes every message out, oldest first. */
  take(): QueueMessage[] {
    return this.#messages.splice(0).map(({ body, attributes }, index) =>
      decodeSqsRecord({
        messageId: String(index),
        body,
        messageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: ATTRIBUTE_TYPE }]),
        ),
      }),
    );
  }

  /** From now on every send fails with this cause; `undefined` mends the queue. */
  breakDown(cause: string | undefined): void {
    this.#failure = cause;
  }
}
