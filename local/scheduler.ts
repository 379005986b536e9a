import type { Schedule } from './serverless-file.ts';

export interface SchedulerOptions {
  readonly schedules: readonly Schedule[];
  /** Functions by name; every schedule needs one. They are given the time (ms) that an invocation may take. */
  readonly handlers: Readonly<Record<string, (budgetMs: number) => Promise<unknown>>>;
  /** Told when a handler throws. */
  readonly onError: (error: unknown, functionName: string) => void;
  /** Until the first invocation, ms: what was sent before the start has been worked off by then. */
  readonly firstAfterMs?: number;
}

const FIRST_AFTER_MS = 15_000;

/**
 * EventBridge's schedules in one process: each function is called every so often, and never again before its last call
 * has ended.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timers = new Map<Schedule, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /** @throws Error for a schedule whose function is not among the handlers. */
  constructor(options: SchedulerOptions) {
    this.#options = options;
    for (const { functionName } of options.schedules) {
      if (options.handlers[functionName] === undefined) {
        throw new Error(`cannot run the schedules of serverless.yml: there is no function ${functionName} here`);
      }
    }
  }

  start(): void {
    const { schedules, firstAfterMs = FIRST_AFTER_MS } = this.#options;
    for (const schedule of schedules) this.#arm(schedule, Math.min(firstAfterMs, schedule.everyMs));
  }

  /** Begins nothing more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #arm(schedule: Schedule, delayMs: number): void {
    if (this.#stopped) return;
    this.#timers.set(
      schedule,
      setTimeout(() => this.#fire(schedule), delayMs),
    );
  }

  #fire(schedule: Schedule): void {
    const started = Date.now();
    const running = this.#call(schedule).then(() => {
      this.#running.delete(running);
      // Calls keep their distance from start to start; one that took too long is followed at once.
      this.#arm(schedule, Math.max(0, schedule.everyMs - (Date.now() - started)));
    });
    this.#running.add(running);
  }

  async #call({ functionName, everyMs }: Schedule): Promise<void> {
    try {
      await this.#options.handlers[functionName]?.(everyMs);
    } catch (error) {
      this.#options.onError(error, functionName);
    }
  }
}
