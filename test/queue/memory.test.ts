import { describe, expect, it } from 'vitest';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { message, queueSuite } from '../suites/queue.suite.ts';

queueSuite('MemoryQueue', async () => {
  const queue = new MemoryQueue();
  return {
    queue,
    drain: async () => queue.take(),
    breakDown: () => queue.breakDown('switched off'),
    mend: () => queue.breakDown(undefined),
    close: () => {},
  };
});

describe('MemoryQueue', () => {
  it('gives messages out oldest first, once', async () => {
    const queue = new MemoryQueue();
    await queue.send([message({ id: 'a' }), message({ id: 'b' })]);
    await queue.send([message({ id: 'c' })]);
    expect(queue.size).toBe(3);
    expect(queue.take().map(({ envelope }) => envelope.id)).toEqual(['a', 'b', 'c']);
    expect(queue.take()).toEqual([]);
  });

  it('names the cause of its failure', async () => {
    const queue = new MemoryQueue();
    queue.breakDown('ThrottlingException');
    await expect(queue.send([message()])).rejects.toThrow('cannot queue 1 messages: ThrottlingException');
    expect(queue.size).toBe(0);
  });
});
