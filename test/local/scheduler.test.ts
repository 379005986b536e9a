import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Scheduler } from '../../local/scheduler.ts';

const schedules = [{ functionName: 'evaluate', everyMs: 60_000 }];

describe('Scheduler', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('calls a function at its distance, with the time it may take', async () => {
    const evaluate = vi.fn(async () => {});
    const scheduler = new Scheduler({ schedules, handlers: { evaluate }, onError: () => {} });
    scheduler.start();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(evaluate.mock.calls).toEqual([[60_000]]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(evaluate).toHaveBeenCalledTimes(3);
    await scheduler.stop();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(evaluate).toHaveBeenCalledTimes(3);
  });

  it('never calls a function again before it has ended, and then at once', async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const evaluate = async () => {
      calls++;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 90_000));
      running--;
    };
    const scheduler = new Scheduler({ schedules, handlers: { evaluate }, onError: () => {}, firstAfterMs: 0 });
    scheduler.start();
    await vi.advanceTimersByTimeAsync(90_000 * 4 - 1);
    expect([most, calls]).toEqual([1, 4]);
    const stopped = scheduler.stop();
    await vi.advanceTimersByTimeAsync(90_000);
    await stopped;
    expect(running).toBe(0);
  });

  it('goes on after a fault, and tells of it', async () => {
    const errors: string[] = [];
    const handlers = { evaluate: () => Promise.reject(new Error('away')) };
    const onError = (error: unknown, name: string) => errors.push(`${name}: ${(error as Error).message}`);
    const scheduler = new Scheduler({ schedules, handlers, onError });
    scheduler.start();
    await vi.advanceTimersByTimeAsync(76_000);
    await scheduler.stop();
    expect(errors).toEqual(['evaluate: away', 'evaluate: away']);
  });

  it('refuses schedules of functions that are not here', () => {
    expect(() => new Scheduler({ schedules, handlers: {}, onError: () => {} })).toThrow(
      'cannot run the schedules of serverless.yml: there is no function evaluate here',
    );
  });
});
