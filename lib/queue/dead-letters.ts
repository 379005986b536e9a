import type { CallSqs } from './call-sqs.ts';
import { FAILURE_ATTRIBUTE, type Failure } from './failure.ts';
import type { QueueMessage } from './interface.ts';
import { ATTRIBUTE_TYPE, encodeMessage, escapeForSqs, MAX_SQS_BYTES, type SqsRecord } from './message.ts';

/** SQS takes as many attributes. */
const MAX_ATTRIBUTES = 10;
const MAX_ERROR_LENGTH = 2000;

export interface DeadLettersOptions {
  readonly call: CallSqs;
  readonly queueUrl: string;
  /** The queue's own `maxReceiveCount`. */
  readonly maxReceives: number;
  /** ms */
  readonly now: () => number;
}

/** A delivery that failed. */
export interface FailedDelivery {
  readonly record: SqsRecord;
  readonly receives: number;
  readonly error: Error;
}

/**
 * Puts messages that failed for the last time among the dead letters, each with its error. The queue would do that too,
 * but it cannot say why. Whatever goes wrong here is left to the queue.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Whether the next delivery of a message would not be to a worker any more. */
  isLast(receives: number): boolean {
    return receives >= this.#options.maxReceives;
  }

  /**
   * Resolves when the dead letter is durable; the message may then be deleted.
   * @throws Error when it is not: too large with its error, or the queue cannot be reached. It must fail as ever then.
   */
  async bury({ record, receives, error }: FailedDelivery): Promise<void> {
    const attributes = { ...textAttributes(record), ...this.#failure(error, receives) };
    checkRoom(record, attributes);
    await this.#send(record.body, attributes);
  }

  /**
   * Puts a message there that never was in the queue: what was taken out of another one, of which the rest is done.
   * @throws Error when it is not durable: the other message must fail then.
   */
  async setAside(message: QueueMessage, error: Error): Promise<void> {
    const { body, attributes } = encodeMessage(message);
    await this.#send(body, { ...attributes, ...this.#failure(error, 1) });
  }

  #failure(error: Error, receives: number): Readonly<Record<string, string>> {
    const failure: Failure = { error: describeError(error), failedAt: this.#options.now(), receives };
    return { [FAILURE_ATTRIBUTE]: escapeForSqs(JSON.stringify(failure)) };
  }

  async #send(body: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const { call, queueUrl } = this.#options;
    await call('SendMessage', writeMessage(queueUrl, body, attributes));
  }
}

/** The body of a call of SendMessage. */
export function writeMessage(queueUrl: string, body: string, attributes: Readonly<Record<string, string>>): string {
  const written = Object.entries(attributes).map(([name, value]) => [
    name,
    { DataType: ATTRIBUTE_TYPE, StringValue: value },
  ]);
  return JSON.stringify({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes: Object.fromEntries(written) });
}

/** The attributes that hold text; ours all do. */
export function textAttributes({ messageAttributes }: SqsRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(messageAttributes).flatMap(([name, { stringValue, dataType = ATTRIBUTE_TYPE }]) =>
      stringValue === undefined || stringValue === '' || dataType !== ATTRIBUTE_TYPE ? [] : [[name, stringValue]],
    ),
  );
}

function checkRoom(
  { messageId, body, messageAttributes }: SqsRecord,
  attributes: Readonly<Record<string, string>>,
): void {
  const sizes = Object.entries(attributes).map(
    ([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value) + ATTRIBUTE_TYPE.length,
  );
  if (sizes.length <= Object.keys(messageAttributes).length) {
    throw new Error(
      `cannot add its error to message ${messageId}: it has attributes that are no text, and none of ours has`,
    );
  }
  const bytes = sizes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
  if (sizes.length <= MAX_ATTRIBUTES && bytes <= MAX_SQS_BYTES) return;
  throw new Error(`cannot add its error to message ${messageId}: ${bytes} bytes, ${sizes.length} attributes`);
}

function describeError(error: Error): string {
  const causes: string[] = [];
  for (let one: unknown = error; one instanceof Error && causes.length < 5; one = one.cause) {
    causes.push(`${one.name}: ${one.message}`);
  }
  return causes.join('; caused by ').slice(0, MAX_ERROR_LENGTH);
}
