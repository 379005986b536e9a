import { LocalQueue } from './local-queue.ts';
import { MessageLog, type QueueAttributes } from './message-log.ts';
import { invalidParameter, noSuchQueue, SqsError } from './sqs-error.ts';

/** The account that the stand-in's URLs and ARNs carry. */
export const LOCAL_ACCOUNT = '000000000000';

/** Attributes that a caller may set, with SQS's own defaults. */
const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: '30',
  ReceiveMessageWaitTimeSeconds: '0',
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
};
const SETTABLE = new Set([...Object.keys(DEFAULTS), 'RedrivePolicy', 'SqsManagedSseEnabled']);

/** The queues of one data folder. */
export class QueueRegistry {
  readonly #log: MessageLog;
  readonly #region: string;
  readonly #queues = new Map<string, LocalQueue>();

  private constructor(log: MessageLog, region: string) {
    this.#log = log;
    this.#region = region;
  }

  static async open(folder: string, region: string): Promise<QueueRegistry> {
    const log = await MessageLog.open(folder);
    const registry = new QueueRegistry(log, region);
    for (const [name, attributes] of await log.queues()) {
      registry.#queues.set(name, await LocalQueue.open(name, attributes, log));
    }
    for (const queue of registry.#queues.values()) registry.#linkDeadLetters(queue);
    return registry;
  }

  /** @throws SqsError when there is no such queue. */
  byUrl(url: unknown): LocalQueue {
    const name = String(url).split('/').at(-1) ?? '';
    return this.byName(name);
  }

  byName(name: unknown): LocalQueue {
    const queue = this.#queues.get(String(name));
    if (queue === undefined) throw noSuchQueue();
    return queue;
  }

  all(): readonly LocalQueue[] {
    return [...this.#queues.values()];
  }

  arnOf(queue: LocalQueue): string {
    return `arn:aws:sqs:${this.#region}:${LOCAL_ACCOUNT}:${queue.name}`;
  }

  /** Creating a queue that is there with the same attributes does nothing, as in SQS. */
  async create(name: string, attributes: QueueAttributes): Promise<LocalQueue> {
    if (name.endsWith('.fifo') || attributes['FifoQueue'] !== undefined) {
      throw new SqsError('UnsupportedOperation', 'This local queue server has standard queues only.');
    }
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
      throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
    }
    this.#check(attributes);
    const existing = this.#queues.get(name);
    if (existing !== undefined) return sameAttributes(existing, attributes);
    const complete = { ...DEFAULTS, CreatedTimestamp: String(Math.floor(Date.now() / 1000)), ...attributes };
    await this.#log.putQueue(name, complete);
    const queue = await LocalQueue.open(name, complete, this.#log);
    this.#queues.set(name, queue);
    this.#linkDeadLetters(queue);
    return queue;
  }

  async setAttributes(queue: LocalQueue, attributes: QueueAttributes): Promise<void> {
    this.#check(attributes);
    const changed = { ...queue.attributes, ...attributes };
    await this.#log.putQueue(queue.name, changed);
    queue.attributes = changed;
    this.#linkDeadLetters(queue);
  }

  async close(): Promise<void> {
    for (const queue of this.#queues.values()) queue.close();
    await this.#log.close();
  }

  #check(attributes: QueueAttributes): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (!SETTABLE.has(name)) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
      if (name in DEFAULTS && !/^\d+$/.test(value)) {
        throw new SqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
      }
    }
    const policy = attributes['RedrivePolicy'];
    if (policy) this.#parseRedrive(policy);
  }

  #linkDeadLetters(queue: LocalQueue): void {
    const policy = queue.attributes['RedrivePolicy'];
    queue.redrive = policy ? this.#parseRedrive(policy) : undefined;
  }

  #parseRedrive(policy: string): { maxReceiveCount: number; deadLetters: LocalQueue } {
    try {
      const parsed = JSON.parse(policy) as { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown };
      const maxReceiveCount = Number(parsed.maxReceiveCount);
      const deadLetters = this.byName(String(parsed.deadLetterTargetArn).split(':').at(-1));
      if (Number.isInteger(maxReceiveCount) && maxReceiveCount > 0) return { maxReceiveCount, deadLetters };
    } catch {
      // Refused below: not JSON, or the dead-letter queue does not exist.
    }
    throw new SqsError('InvalidAttributeValue', `Value ${policy} for parameter RedrivePolicy is invalid.`);
  }
}

function sameAttributes(queue: LocalQueue, attributes: QueueAttributes): LocalQueue {
  for (const [name, value] of Object.entries(attributes)) {
    if (queue.attributes[name] !== value) {
      const text = `A queue already exists with the same name and a different value for attribute ${name}`;
      throw new SqsError('QueueNameExists', text, 'QueueAlreadyExists');
    }
  }
  return queue;
}
