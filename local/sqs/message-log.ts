import { mkdir } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import type { MessageAttributes } from './message-attributes.ts';

/** What was sent; never changes. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** Milliseconds. */
  readonly sentAt: number;
}

/** How often and since when a message has been received. */
export interface Receives {
  readonly count: number;
  readonly firstAt: number;
}

/** What is held in memory of a message; its body stays on disk. */
export interface MessageHead {
  readonly sequence: number;
  readonly id: string;
  readonly sentAt: number;
  readonly receives: Receives;
}

export type QueueAttributes = Readonly<Record<string, string>>;

const NEVER_RECEIVED: Receives = { count: 0, firstAt: 0 };

/**
 * The messages of all queues in one LevelDB. A write is in the operating system's hands when its promise resolves, so
 * a killed process loses nothing (a power cut may: nothing is synced to the disk).
 *
 * Keys: `q!QUEUE` attributes, `m!QUEUE!SEQUENCE` message, `r!QUEUE!SEQUENCE` receives.
 */
export class MessageLog {
  readonly #db: ClassicLevel<string, unknown>;

  private constructor(db: ClassicLevel<string, unknown>) {
    this.#db = db;
  }

  /** @throws Error when the folder cannot be written, or is in use by another process (its cause has `LEVEL_LOCKED`). */
  static async open(folder: string): Promise<MessageLog> {
    await mkdir(folder, { recursive: true });
    const db = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
    await db.open();
    return new MessageLog(db);
  }

  async queues(): Promise<ReadonlyMap<string, QueueAttributes>> {
    const queues = new Map<string, QueueAttributes>();
    for await (const [key, value] of this.#db.iterator(range('q!'))) queues.set(key.slice(2), value as QueueAttributes);
    return queues;
  }

  async putQueue(queue: string, attributes: QueueAttributes): Promise<void> {
    await this.#db.put(`q!${queue}`, attributes);
  }

  /** Every message of a queue, oldest first. */
  async heads(queue: string): Promise<readonly MessageHead[]> {
    const receives = new Map<number, Receives>();
    for await (const [key, value] of this.#db.iterator(range(`r!${queue}!`))) {
      receives.set(sequenceOf(key), value as Receives);
    }
    const heads: MessageHead[] = [];
    for await (const [key, value] of this.#db.iterator(range(`m!${queue}!`))) {
      const sequence = sequenceOf(key);
      const { id, sentAt } = value as StoredMessage;
      heads.push({ sequence, id, sentAt, receives: receives.get(sequence) ?? NEVER_RECEIVED });
    }
    return heads;
  }

  /** Stores all or none. */
  async append(queue: string, messages: ReadonlyMap<number, StoredMessage>): Promise<void> {
    await this.#db.batch(
      [...messages].map(([sequence, value]) => ({ type: 'put', key: messageKey(queue, sequence), value })),
    );
  }

  async read(queue: string, sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    const values = await this.#db.getMany(sequences.map((sequence) => messageKey(queue, sequence)));
    return values as (StoredMessage | undefined)[];
  }

  async noteReceives(queue: string, heads: readonly MessageHead[]): Promise<void> {
    await this.#db.batch(
      heads.map(({ sequence, receives }) => ({ type: 'put', key: receivesKey(queue, sequence), value: receives })),
    );
  }

  async delete(queue: string, sequences: readonly number[]): Promise<void> {
    await this.#db.batch(
      sequences.flatMap((sequence) => [
        { type: 'del', key: messageKey(queue, sequence) },
        { type: 'del', key: receivesKey(queue, sequence) },
      ]),
    );
  }

  /** Moves a message to another queue in one step: it is never in both, and never in neither. */
  async move(from: string, sequence: number, to: string, head: MessageHead): Promise<void> {
    const [value] = await this.read(from, [sequence]);
    if (value === undefined) return;
    await this.#db.batch([
      { type: 'put', key: messageKey(to, head.sequence), value },
      { type: 'put', key: receivesKey(to, head.sequence), value: head.receives },
      { type: 'del', key: messageKey(from, sequence) },
      { type: 'del', key: receivesKey(from, sequence) },
    ]);
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

/** Sequences are padded so that keys sort as numbers do. */
function messageKey(queue: string, sequence: number): string {
  return `m!${queue}!${String(sequence).padStart(16, '0')}`;
}

function receivesKey(queue: string, sequence: number): string {
  return `r!${queue}!${String(sequence).padStart(16, '0')}`;
}

function sequenceOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('!') + 1));
}

function range(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix}\uffff` };
}
