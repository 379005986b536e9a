import type { CallSqs } from './call-sqs.ts';
import { QueueUnavailableError } from './interface.ts';
import type { SqsRecord } from './message.ts';

/** A dead letter where it lies. */
export interface WaitingLetter {
  readonly record: SqsRecord;
  /** When it became one, ms. */
  readonly sentAt: number;
}

export interface DeadLetterLook {
  /** Of all tenants, in no order, each once. */
  readonly letters: readonly WaitingLetter[];
  /** False where there may be more. */
  readonly isComplete: boolean;
}

/** Looks at dead letters and leaves them where they are. */
export interface DeadLetterReader {
  /** @throws QueueUnavailableError */
  look(): Promise<DeadLetterLook>;
}

/** Answers of ten messages of the largest size, in JSON. */
export const LETTERS_ANSWER_BYTES = 16 * 1024 * 1024;

/** Bounds of one look, and so of what it holds in memory. */
const MAX_LETTERS = 100;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_CALLS = 20;

/** SQS asks only some of its servers each time, so an empty answer proves nothing; three of them nearly do. */
const EMPTY_ANSWERS = 3;
const MAX_RECEIVE = 10;

/** Seconds for which nobody else sees what was looked at, so that the next call gives others. They end by themselves. */
const VISIBILITY_SECONDS = 2;

/**
 * Looks into a queue of SQS by receiving without deleting. Nothing counts how often a dead letter is received, so that
 * looking changes nothing but for a moment in which `tributary dlq` may miss some.
 */
export class SqsDeadLetterReader implements DeadLetterReader {
  readonly #call: CallSqs;
  readonly #queueUrl: string;

  constructor({ call, queueUrl }: { readonly call: CallSqs; readonly queueUrl: string }) {
    this.#call = call;
    this.#queueUrl = queueUrl;
  }

  async look(): Promise<DeadLetterLook> {
    const letters = new Map<string, WaitingLetter>();
    let empty = 0;
    let bytes = 0;
    for (let calls = 0; calls < MAX_CALLS && letters.size < MAX_LETTERS && bytes < MAX_BYTES; calls++) {
      const received = await this.#receive();
      for (const letter of received) letters.set(letter.record.messageId, letter);
      bytes += received.reduce((sum, { record }) => sum + record.body.length, 0);
      empty = received.length === 0 ? empty + 1 : 0;
      if (empty === EMPTY_ANSWERS) break;
    }
    return { letters: [...letters.values()], isComplete: empty === EMPTY_ANSWERS };
  }

  async #receive(): Promise<WaitingLetter[]> {
    const call = this.#call;
    const input = {
      QueueUrl: this.#queueUrl,
      MaxNumberOfMessages: MAX_RECEIVE,
      VisibilityTimeout: VISIBILITY_SECONDS,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    };
    try {
      const { Messages = [] } = JSON.parse(await call('ReceiveMessage', JSON.stringify(input))) as ReceiveAnswer;
      return Messages.map(waitingLetter);
    } catch (error) {
      const text = `cannot look at the dead letters: ${(error as Error).message}`;
      throw new QueueUnavailableError(text, { cause: error });
    }
  }
}

interface ReceiveAnswer {
  readonly Messages?: readonly ReceivedMessage[];
}

interface ReceivedMessage {
  readonly MessageId?: string;
  readonly Body?: string;
  readonly Attributes?: { readonly SentTimestamp?: string };
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string; readonly DataType?: string }>>;
}

function waitingLetter({ MessageId, Body, Attributes, MessageAttributes = {} }: ReceivedMessage): WaitingLetter {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { StringValue, DataType = '' }]) => [name, { stringValue: StringValue, dataType: DataType }] as const,
  );
  return {
    record: { messageId: MessageId ?? '', body: Body ?? '', messageAttributes: Object.fromEntries(attributes) },
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
  };
}
