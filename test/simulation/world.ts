import { seededRandom } from '../../bench/seeded-random.ts';

interface Event {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lines of what happened that are kept for a failure's report. */
const KEPT_LINES = 400;

/**
 * A world with a clock and dice of its own: everything in it happens at a virtual time and in an order that the seed alone
 * decides. Nothing waits for real time, so hours take milliseconds, and a seed played again is the same story again.
 */
export class World {
  readonly random: () => number;
  /** What happened how often. */
  readonly counts = new Map<string, number>();
  /** While this is false nothing fails and nobody dies. */
  faulty = true;
  readonly #events: Event[] = [];
  readonly #lines: string[] = [];
  #now: number;
  #order = 0;

  constructor(seed: number, start: number) {
    this.random = seededRandom(seed);
    this.#now = start;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** What happened last, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  after(ms: number, run: () => void): void {
    this.#push({ time: this.#now + Math.max(0, Math.round(ms)), order: this.#order++, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** An integer in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  /** The same elements in some order. */
  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.between(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  log(line: string): void {
    this.#lines.push(`${new Date(this.#now).toISOString().slice(11, 23)} ${line}`);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines.splice(0, KEPT_LINES);
  }

  /** Lets things happen until `task` is done. @throws what the task throws; Error where it waits for what never comes. */
  async runUntil<T>(task: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    task.then(end, end);
    for (;;) {
      // Everything that follows from the last event without waiting happens first.
      await new Promise(setImmediate);
      if (isDone) return task;
      const event = this.#pop();
      if (event === undefined) throw new Error('the simulation waits for something that never comes');
      this.#now = event.time;
      event.run();
    }
  }

  #push(event: Event): void {
    const heap = this.#events;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (comesFirst(heap[parent] as Event, event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#events;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && comesFirst(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (comesFirst(last, heap[child] as Event)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function comesFirst(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
