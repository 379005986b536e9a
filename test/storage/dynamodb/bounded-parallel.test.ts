import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { boundedParallel } from '../../../lib/storage/dynamodb/bounded-parallel.ts';

describe('boundedParallel', () => {
  it('runs every task, never more than the limit at once', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await boundedParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await pause(1);
      running--;
      done.push(item);
    });
    expect(most).toBe(3);
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('starts nothing after a failure, and leaves nothing running', async () => {
    let running = 0;
    const started: number[] = [];
    const tasks = boundedParallel([1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      running++;
      await pause(item === 1 ? 1 : 10);
      running--;
      if (item === 1) throw new Error('one failed');
    });
    await expect(tasks).rejects.toThrow('one failed');
    expect(running).toBe(0);
    expect(started).toEqual([1, 2]);
  });

  it('does nothing for nothing', async () => {
    await boundedParallel([], 3, () => Promise.reject(new Error('never')));
  });
});
