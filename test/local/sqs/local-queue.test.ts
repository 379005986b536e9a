import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { LocalQueue, type ReceivedMessage } from '../../../local/sqs/local-queue.ts';
import { MessageLog } from '../../../local/sqs/message-log.ts';

type Step =
  | { readonly kind: 'send'; readonly count: number }
  | { readonly kind: 'receive'; readonly max: number; readonly giveBack: boolean }
  | { readonly kind: 'delete'; readonly pick: number }
  | { readonly kind: 'restart' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      max: fc.integer({ min: 1, max: 10 }),
      giveBack: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), pick: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

it('loses no message and gives none to two receivers at once, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
      const model = await Model.open();
      for (const step of steps) await model.run(step);
      await model.run({ kind: 'restart' });
      await model.receiveAll();
      await model.close();
    }),
    { numRuns: 40 },
  );
});

it('knows how long its oldest message has been there, also while somebody has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-queue-age-'));
  const log = await MessageLog.open(folder);
  const queue = await LocalQueue.open('raw', {}, log);
  const message = { body: 'b', attributes: {}, delayMs: 0 };
  const began = Date.now();
  await queue.send([message]);
  const { oldestSentAt: first = 0 } = queue.figures;
  expect(first).toBeGreaterThanOrEqual(began);
  await vi.waitUntil(() => Date.now() > first);
  await queue.send([message]);
  const signal = new AbortController().signal;
  const [received] = await queue.receive({ max: 1, waitMs: 0, visibilityMs: 60_000, signal });
  expect(queue.figures).toEqual({ name: 'raw', visible: 1, inFlight: 1, delayed: 0, oldestSentAt: first });
  await queue.delete(received?.receiptHandle ?? '');
  expect(queue.figures.oldestSentAt).toBeGreaterThan(first);
  await queue.purge();
  expect(queue.figures).toEqual({ name: 'raw', visible: 0, inFlight: 0, delayed: 0 });
  queue.close();
  await log.close();
  rmSync(folder, { recursive: true });
});

/** A queue, and what must be in it. */
class Model {
  readonly #folder: string;
  #log: MessageLog;
  #queue: LocalQueue;
  readonly #waiting = new Set<string>();
  readonly #inHand = new Map<string, ReceivedMessage>();
  #next = 0;

  private constructor(folder: string, log: MessageLog, queue: LocalQueue) {
    this.#folder = folder;
    this.#log = log;
    this.#queue = queue;
  }

  static async open(): Promise<Model> {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-model-'));
    const log = await MessageLog.open(folder);
    return new Model(folder, log, await LocalQueue.open('raw', {}, log));
  }

  async run(step: Step): Promise<void> {
    if (step.kind === 'send') await this.#send(step.count);
    else if (step.kind === 'receive') await this.#receive(step.max, step.giveBack);
    else if (step.kind === 'delete') await this.#delete(step.pick);
    else await this.#restart();
    const counts = { visible: this.#waiting.size, inFlight: this.#inHand.size, delayed: 0 };
    expect(this.#queue.counts).toEqual(counts);
    expect(this.#queue.figures.oldestSentAt !== undefined).toBe(counts.visible + counts.inFlight > 0);
  }

  async receiveAll(): Promise<void> {
    while (this.#waiting.size > 0) await this.#receive(10, false);
  }

  async close(): Promise<void> {
    this.#queue.close();
    await this.#log.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #send(count: number): Promise<void> {
    const bodies = Array.from({ length: count }, () => `m${this.#next++}`);
    await this.#queue.send(bodies.map((body) => ({ body, attributes: {}, delayMs: 0 })));
    for (const body of bodies) this.#waiting.add(body);
  }

  async #receive(max: number, giveBack: boolean): Promise<void> {
    const expected = Math.min(max, this.#waiting.size);
    const signal = new AbortController().signal;
    const received = await this.#queue.receive({ max, waitMs: 0, visibilityMs: 60_000, signal });
    expect(received).toHaveLength(expected);
    for (const message of received) {
      expect(this.#waiting.has(message.body), `${message.body} was not waiting`).toBe(true);
      if (giveBack) {
        this.#queue.changeVisibility(message.receiptHandle, 0);
      } else {
        this.#waiting.delete(message.body);
        this.#inHand.set(message.body, message);
      }
    }
  }

  async #delete(pick: number): Promise<void> {
    const message = [...this.#inHand.values()][pick % Math.max(this.#inHand.size, 1)];
    if (message === undefined) return;
    await this.#queue.delete(message.receiptHandle);
    this.#inHand.delete(message.body);
  }

  /** What was in flight is visible again. */
  async #restart(): Promise<void> {
    this.#queue.close();
    await this.#log.close();
    this.#log = await MessageLog.open(this.#folder);
    this.#queue = await LocalQueue.open('raw', {}, this.#log);
    for (const body of this.#inHand.keys()) this.#waiting.add(body);
    this.#inHand.clear();
  }
}
