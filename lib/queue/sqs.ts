import { setTimeout as sleepFor } from 'node:timers/promises';
import { type CallSqs, SqsCallError } from './call-sqs.ts';
import { type Queue, type QueueMessage, QueueUnavailableError } from './interface.ts';
import { ATTRIBUTE_TYPE, type EncodedMessage, encodeMessage, MAX_SQS_BYTES, sqsBytes } from './message.ts';

export interface SqsQueueOptions {
  readonly call: CallSqs;
  readonly queueUrl: string;
  /** Replaced in tests. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly random?: () => number;
}

/** SendMessageBatch takes at most this many entries. */
const MAX_BATCH_ENTRIES = 10;

/** How often one entry is sent before the sender of the request is asked to come again. */
const MAX_ATTEMPTS = 4;

/** Upper bound of the pause before the second attempt; it doubles with each further one. */
const FIRST_BACKOFF_MS = 50;

/** Batches under way at once: a request of 6 MB is about six of them. */
const MAX_PARALLEL_BATCHES = 6;

/** The queue of the river on Amazon SQS. */
export class SqsQueue implements Queue {
  readonly #options: SqsQueueOptions;

  constructor(options: SqsQueueOptions) {
    this.#options = options;
  }

  /** Sends in batches; what SQS did not take for a passing reason is sent again a few times, with jittered pauses. */
  async send(messages: readonly QueueMessage[]): Promise<void> {
    const waiting = packBatches(messages.map(encodeMessage));
    const failures: Failure[] = [];
    const sendBatches = async () => {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
        failures.push(...(await this.#sendBatch(batch)));
      }
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL_BATCHES }, sendBatches));
    if (failures.length > 0) throw unavailable(failures, messages.length);
  }

  /** Resolves with what could not be sent; never rejects, so that no batch is left under way when `send` ends. */
  async #sendBatch(batch: readonly EncodedMessage[]): Promise<readonly Failure[]> {
    let pending: readonly EncodedMessage[] = batch;
    const refused: Failure[] = [];
    for (let attempt = 1; ; attempt++) {
      const failures = await this.#attempt(pending);
      refused.push(...failures.filter(({ final }) => final));
      const passing = failures.filter(({ final }) => !final);
      if (passing.length === 0 || attempt === MAX_ATTEMPTS) return [...refused, ...passing];
      await this.#pause(attempt);
      pending = passing.map(({ message }) => message);
    }
  }

  async #attempt(messages: readonly EncodedMessage[]): Promise<readonly Failure[]> {
    const { call, queueUrl } = this.#options;
    try {
      return failuresOf(messages, readAnswer(await call('SendMessageBatch', writeBatch(queueUrl, messages))));
    } catch (error) {
      const final = !(error instanceof SqsCallError && error.passing);
      return messages.map((message) => ({ message, final, cause: describe(error), error }));
    }
  }

  /** Full jitter: any time up to the bound, so that functions that failed together do not come back together. */
  #pause(attempt: number): Promise<unknown> {
    const { sleep = sleepFor, random = Math.random } = this.#options;
    return sleep(random() * FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  }
}

interface Failure {
  readonly message: EncodedMessage;
  /** Sending the same again would fail the same way. */
  readonly final: boolean;
  readonly cause: string;
  readonly error?: unknown;
}

/** Groups messages in order so that each group fits one SendMessageBatch call. */
function packBatches(messages: readonly EncodedMessage[]): EncodedMessage[][] {
  const batches: EncodedMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = sqsBytes(message);
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_BATCH_ENTRIES || bytes > room) {
      batches.push([message]);
      room = MAX_SQS_BYTES - bytes;
    } else {
      last.push(message);
      room -= bytes;
    }
  }
  return batches;
}

/** The call's JSON. Base64 and the names of attributes need no escapes, so bodies are pasted as they are. */
function writeBatch(queueUrl: string, messages: readonly EncodedMessage[]): string {
  return `{"QueueUrl":${JSON.stringify(queueUrl)},"Entries":[${messages.map(writeEntry).join(',')}]}`;
}

function writeEntry({ body, attributes }: EncodedMessage, index: number): string {
  const written = Object.entries(attributes).map(
    ([name, value]) => `"${name}":{"DataType":"${ATTRIBUTE_TYPE}","StringValue":${JSON.stringify(value)}}`,
  );
  return `{"Id":"${index}","MessageBody":"${body}","MessageAttributes":{${written.join(',')}}}`;
}

/** What SQS answers to a batch, in its own names. */
interface BatchAnswer {
  readonly Successful?: readonly { readonly Id: string }[];
  readonly Failed?: readonly {
    readonly Id: string;
    readonly Code?: string;
    readonly Message?: string;
    readonly SenderFault?: boolean;
  }[];
}

/** An answer that is no JSON tells of no success, so all of it is sent again. */
function readAnswer(text: string): BatchAnswer {
  try {
    return JSON.parse(text) as BatchAnswer;
  } catch {
    return {};
  }
}

/** Whatever the answer does not call successful has failed, also where it says nothing of it. */
function failuresOf(messages: readonly EncodedMessage[], answer: BatchAnswer): readonly Failure[] {
  const successful = new Set((answer.Successful ?? []).map(({ Id }) => Id));
  const failed = new Map((answer.Failed ?? []).map((entry) => [entry.Id, entry]));
  return messages.flatMap((message, index) => {
    const id = String(index);
    if (successful.has(id) && !failed.has(id)) return [];
    const entry = failed.get(id);
    const cause = entry === undefined ? 'SQS did not answer for the entry' : `${entry.Code}: ${entry.Message ?? ''}`;
    return [{ message, final: entry?.SenderFault === true, cause }];
  });
}

function unavailable(failures: readonly Failure[], total: number): QueueUnavailableError {
  const causes = [...new Set(failures.map(({ cause }) => cause))].slice(0, 3).join('; ');
  const text = `cannot queue ${failures.length} of ${total} messages: ${causes}`;
  return new QueueUnavailableError(text, { cause: failures.find(({ error }) => error !== undefined)?.error });
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
