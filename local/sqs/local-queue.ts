import { randomUUID } from 'node:crypto';
import type { MessageAttributes } from './message-attributes.ts';
import type { MessageHead, MessageLog, QueueAttributes, StoredMessage } from './message-log.ts';
import { invalidReceipt, SqsError } from './sqs-error.ts';

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delayMs: number;
}

export interface ReceiveOptions {
  readonly max: number;
  readonly waitMs: number;
  readonly visibilityMs: number;
  /** Fires when the receiver has gone. */
  readonly signal: AbortSignal;
}

export interface ReceivedMessage extends StoredMessage {
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** What waits in a queue. */
export interface QueueFigures extends QueueCounts {
  readonly name: string;
  /** ms; absent where there is no message. */
  readonly oldestSentAt?: number;
}

/** What a message may be moved to after too many receives. */
export interface Redrive {
  readonly maxReceiveCount: number;
  readonly deadLetters: LocalQueue;
}

interface HiddenMessage {
  readonly head: MessageHead;
  /** Absent while the message waits for its first delivery. */
  readonly receipt?: string;
  readonly visibleAt: number;
}

/** Longest delay that a Node timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * One standard queue: which messages are visible, and which are in flight until when. Who waits in a long poll is woken
 * when a message arrives or comes back. What is in flight is not remembered over a restart: it is visible again then.
 */
export class LocalQueue {
  readonly name: string;
  attributes: QueueAttributes;
  redrive: Redrive | undefined;
  readonly #log: MessageLog;
  readonly #visible = new Map<number, MessageHead>();
  readonly #hidden = new Map<number, HiddenMessage>();
  readonly #waiting = new Set<() => void>();
  #nextSequence = 1;
  #timer: NodeJS.Timeout | undefined;

  private constructor(name: string, attributes: QueueAttributes, log: MessageLog) {
    this.name = name;
    this.attributes = attributes;
    this.#log = log;
  }

  static async open(name: string, attributes: QueueAttributes, log: MessageLog): Promise<LocalQueue> {
    const queue = new LocalQueue(name, attributes, log);
    for (const head of await log.heads(name)) {
      queue.#visible.set(head.sequence, head);
      queue.#nextSequence = head.sequence + 1;
    }
    return queue;
  }

  get counts(): QueueCounts {
    this.#bringBack();
    const inFlight = [...this.#hidden.values()].filter(({ receipt }) => receipt !== undefined).length;
    return { visible: this.#visible.size, inFlight, delayed: this.#hidden.size - inFlight };
  }

  get figures(): QueueFigures {
    const { name, counts } = this;
    const heads = [...this.#visible.values(), ...[...this.#hidden.values()].map(({ head }) => head)];
    if (heads.length === 0) return { name, ...counts };
    return { name, ...counts, oldestSentAt: heads.reduce((oldest, { sentAt }) => Math.min(oldest, sentAt), Infinity) };
  }

  /** Resolves with the messages' ids when all of them are stored. */
  async send(messages: readonly NewMessage[]): Promise<readonly string[]> {
    const sentAt = Date.now();
    const stored = new Map<number, StoredMessage>();
    for (const { body, attributes } of messages) {
      stored.set(this.#nextSequence++, { id: randomUUID(), body, attributes, sentAt });
    }
    await this.#log.append(this.name, stored);
    let index = 0;
    for (const [sequence, { id }] of stored) {
      const head = { sequence, id, sentAt, receives: { count: 0, firstAt: 0 } };
      const delayMs = messages[index++]?.delayMs ?? 0;
      if (delayMs > 0) this.#hidden.set(sequence, { head, visibleAt: sentAt + delayMs });
      else this.#visible.set(sequence, head);
    }
    this.#wake();
    return [...stored.values()].map(({ id }) => id);
  }

  async receive(options: ReceiveOptions): Promise<readonly ReceivedMessage[]> {
    const deadline = Date.now() + options.waitMs;
    for (;;) {
      const received = options.signal.aborted ? [] : await this.#take(options);
      const leftMs = deadline - Date.now();
      if (received.length > 0 || leftMs <= 0 || options.signal.aborted) return received;
      await this.#arrival(leftMs, options.signal);
    }
  }

  /** A handle of an earlier delivery is accepted and deletes nothing, as SQS may do. */
  async delete(receiptHandle: string): Promise<void> {
    const message = this.#deliveryOf(receiptHandle);
    if (message === undefined) return;
    await this.#log.delete(this.name, [message.head.sequence]);
    this.#hidden.delete(message.head.sequence);
  }

  changeVisibility(receiptHandle: string, visibilityMs: number): void {
    const message = this.#deliveryOf(receiptHandle);
    if (message === undefined) {
      throw new SqsError('MessageNotInflight', 'The message referred to is not in flight.');
    }
    this.#hidden.set(message.head.sequence, { ...message, visibleAt: Date.now() + visibilityMs });
    this.#wake();
  }

  async purge(): Promise<void> {
    await this.#log.delete(this.name, [...this.#visible.keys(), ...this.#hidden.keys()]);
    this.#visible.clear();
    this.#hidden.clear();
  }

  /** Takes a message over from a queue that gave it up. */
  async accept(from: string, head: MessageHead): Promise<void> {
    const moved = { ...head, sequence: this.#nextSequence++ };
    await this.#log.move(from, head.sequence, this.name, moved);
    this.#visible.set(moved.sequence, moved);
    this.#wake();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #take({ max, visibilityMs, signal }: ReceiveOptions): Promise<readonly ReceivedMessage[]> {
    this.#bringBack();
    const givenUp: MessageHead[] = [];
    const taken: HiddenMessage[] = [];
    const now = Date.now();
    for (const head of this.#visible.values()) {
      if (taken.length === max) break;
      this.#visible.delete(head.sequence);
      if (this.redrive !== undefined && head.receives.count >= this.redrive.maxReceiveCount) givenUp.push(head);
      else taken.push(this.#hide(head, now, visibilityMs));
    }
    for (const head of givenUp) await this.redrive?.deadLetters.accept(this.name, head);
    if (taken.length === 0) return [];
    this.#schedule();
    const received = await this.#load(taken);
    if (signal.aborted) this.#giveBack(taken);
    return received;
  }

  #hide(head: MessageHead, now: number, visibilityMs: number): HiddenMessage {
    const receives = { count: head.receives.count + 1, firstAt: head.receives.firstAt || now };
    const message = {
      head: { ...head, receives },
      receipt: encodeReceipt(this.name, head.sequence),
      visibleAt: now + visibilityMs,
    };
    this.#hidden.set(head.sequence, message);
    return message;
  }

  async #load(taken: readonly HiddenMessage[]): Promise<readonly ReceivedMessage[]> {
    const heads = taken.map(({ head }) => head);
    await this.#log.noteReceives(this.name, heads);
    const stored = await this.#log.read(
      this.name,
      heads.map(({ sequence }) => sequence),
    );
    return taken.flatMap(({ head, receipt }, index) => {
      const message = stored[index];
      if (message === undefined || receipt === undefined) return []; // purged meanwhile
      return [
        {
          ...message,
          receiptHandle: receipt,
          receiveCount: head.receives.count,
          firstReceivedAt: head.receives.firstAt,
        },
      ];
    });
  }

  /** The receiver left while its messages were read: nobody has seen them. */
  #giveBack(taken: readonly HiddenMessage[]): void {
    for (const message of taken) {
      if (this.#hidden.get(message.head.sequence) === message) {
        this.#hidden.set(message.head.sequence, { ...message, visibleAt: 0 });
      }
    }
    this.#wake();
  }

  /** @throws SqsError when the handle was not made by this queue. */
  #deliveryOf(receiptHandle: string): HiddenMessage | undefined {
    const message = this.#hidden.get(decodeReceipt(this.name, receiptHandle));
    return message?.receipt === receiptHandle ? message : undefined;
  }

  /** Makes visible what has been hidden for long enough. */
  #bringBack(): void {
    const now = Date.now();
    for (const [sequence, { head, visibleAt }] of this.#hidden) {
      if (visibleAt > now) continue;
      this.#hidden.delete(sequence);
      this.#visible.set(sequence, head);
    }
  }

  #wake(): void {
    this.#bringBack();
    this.#schedule();
    if (this.#visible.size > 0) for (const wake of [...this.#waiting]) wake();
  }

  /** One timer for the next message that comes back. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#hidden.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { visibleAt } of this.#hidden.values()) next = Math.min(next, visibleAt);
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(next - Date.now(), 1), MAX_TIMER_MS));
    this.#timer.unref();
  }

  #arrival(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

function encodeReceipt(queue: string, sequence: number): string {
  return Buffer.from(JSON.stringify([queue, sequence, randomUUID()])).toString('base64');
}

function decodeReceipt(queue: string, handle: string): number {
  try {
    const [name, sequence] = JSON.parse(Buffer.from(handle, 'base64').toString()) as [unknown, unknown];
    if (name === queue && typeof sequence === 'number') return sequence;
  } catch {
    // Not JSON: refused below like everything else that this queue did not make.
  }
  throw invalidReceipt(handle);
}
