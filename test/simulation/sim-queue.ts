import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { type CallSqs, SqsCallError } from '../../lib/queue/call-sqs.ts';
import type { Outcome, Process } from './process.ts';
import type { World } from './world.ts';

/** Parts of the queue that a test breaks on purpose. */
export interface QueueDefects {
  /** A message that is taken is now and then forgotten. */
  readonly loses?: boolean;
  /** A batch is deleted whatever the worker reports. */
  readonly ignoresFailures?: boolean;
}

export interface QueueOptions {
  /** ms after which a message that was not deleted is delivered again. */
  readonly visibilityTimeout: number;
  /** Deliveries before a message goes to the dead letters. */
  readonly maxReceives: number;
  /** Of a message, that it is delivered again although it was processed. */
  readonly repeatRate: number;
  /** Of an entry of a batch, that it alone is not taken. */
  readonly partialRate: number;
  readonly defects: QueueDefects;
}

interface Waiting {
  readonly record: SQSRecord;
  visibleAt: number;
  receives: number;
}

interface SentEntry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;
}

/** SQS with a Lambda event source: unordered, at least once, with a time-out of visibility and dead letters. */
export class SimQueue {
  readonly #world: World;
  readonly #options: QueueOptions;
  #waiting: Waiting[] = [];
  #deadLetters: Waiting[] = [];
  #sent = 0;
  #underWay = 0;
  /** Every record that was ever taken. */
  readonly taken: SQSRecord[] = [];

  constructor(world: World, options: QueueOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Whether nothing waits and nobody works; dead letters do not count. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0;
  }

  get deadLetters(): number {
    return this.#deadLetters.length;
  }

  /** Puts dead letters back, as somebody does who has mended their cause. */
  redrive(): void {
    for (const message of this.#deadLetters)
      this.#waiting.push({ ...message, receives: 0, visibleAt: this.#world.now });
    this.#world.count('dead letters replayed', this.#deadLetters.length);
    this.#deadLetters = [];
  }

  callOf(process: Process): CallSqs {
    return (action, body) => {
      if (action !== 'SendMessageBatch') throw new Error(`BUG: the simulated queue does not know ${action}`);
      return process.call(action, () => this.#take(JSON.parse(body) as { Entries: SentEntry[] }), sqsError);
    };
  }

  #take({ Entries }: { readonly Entries: readonly SentEntry[] }): string {
    const answer = { Successful: [] as { Id: string }[], Failed: [] as object[] };
    for (const entry of Entries) {
      if (this.#world.faulty && this.#world.chance(this.#options.partialRate)) {
        this.#world.count('fault entry failed');
        answer.Failed.push({ Id: entry.Id, Code: 'InternalError', Message: 'try again', SenderFault: false });
        continue;
      }
      answer.Successful.push({ Id: entry.Id });
      const record = this.#recordOf(entry);
      this.taken.push(record);
      if (this.#options.defects.loses && this.#world.chance(0.05)) continue;
      this.#waiting.push({ record, visibleAt: this.#world.now + this.#world.between(0, 500), receives: 0 });
    }
    return JSON.stringify(answer);
  }

  #recordOf({ MessageBody, MessageAttributes }: SentEntry): SQSRecord {
    const messageAttributes = Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue, DataType }]) => [
        name,
        { stringValue: StringValue, dataType: DataType },
      ]),
    );
    return { messageId: `m${this.#sent++}`, body: MessageBody, messageAttributes } as unknown as SQSRecord;
  }

  /** Delivers up to `size` messages to a worker, in no order; undefined where none is to be seen now. */
  deliver(size: number, work: (event: SQSEvent) => Promise<Outcome<readonly string[]>>): Promise<void> | undefined {
    const { now } = this.#world;
    const visible = this.#world.shuffle(this.#waiting.filter(({ visibleAt }) => visibleAt <= now)).slice(0, size);
    const batch = visible.filter((message) => !this.#buryWorn(message));
    if (batch.length === 0) return undefined;
    for (const message of batch) {
      if (message.receives++ > 0) this.#world.count('redeliveries');
      const isRepeated = this.#world.faulty && this.#world.chance(this.#options.repeatRate);
      message.visibleAt = isRepeated ? now + this.#world.between(0, 3000) : now + this.#options.visibilityTimeout;
    }
    return this.#settle(batch, work);
  }

  async #settle(
    batch: readonly Waiting[],
    work: (event: SQSEvent) => Promise<Outcome<readonly string[]>>,
  ): Promise<void> {
    this.#underWay++;
    const outcome = await work({ Records: batch.map(({ record }) => record) });
    this.#underWay--;
    if (outcome.kind !== 'done') return;
    const failed = new Set(this.#options.defects.ignoresFailures ? [] : outcome.value);
    const done = new Set(batch.filter(({ record }) => !failed.has(record.messageId)));
    // Deleting is a call as well, and what is not deleted comes again.
    if (this.#world.faulty && this.#world.chance(this.#options.repeatRate)) return;
    this.#waiting = this.#waiting.filter((message) => !done.has(message));
  }

  #buryWorn(message: Waiting): boolean {
    if (message.receives < this.#options.maxReceives) return false;
    this.#waiting = this.#waiting.filter((other) => other !== message);
    this.#deadLetters.push(message);
    this.#world.count('dead letters');
    this.#world.log(`${message.record.messageId} is a dead letter`);
    return true;
  }
}

function sqsError(fault: string): Error {
  return fault === 'throttled'
    ? new SqsCallError('RequestThrottled', 'slow down', true)
    : new SqsCallError('ECONNRESET', `the call was ${fault}`, true);
}
