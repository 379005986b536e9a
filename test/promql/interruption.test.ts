import { describe, expect, it } from 'vitest';
import { QueryCanceledError, QueryTimeoutError } from '../../lib/promql/errors.ts';
import { Interruption } from '../../lib/promql/interruption.ts';

describe('Interruption', () => {
  it('ends loops after the deadline', () => {
    let time = 0;
    const interruption = new Interruption(() => time, 100, undefined);
    const loop = () => {
      for (let i = 0; i < 1000; i++) interruption.poll();
    };
    loop();
    time = 101;
    expect(loop).toThrow(new QueryTimeoutError('query timed out in expression evaluation'));
  });

  it('tells a client that left from a timeout', () => {
    const client = new AbortController();
    const interruption = new Interruption(Date.now, 60_000, client.signal);
    interruption.check('query execution');
    client.abort();
    expect(() => interruption.check('query execution')).toThrow(
      new QueryCanceledError('query was canceled in query execution'),
    );
  });

  it('guards a promise and leaves no timer behind', async () => {
    const interruption = new Interruption(Date.now, 60_000, undefined);
    expect(await interruption.guard(async () => 'done')).toBe('done');
    await expect(interruption.guard(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const late = new Interruption(Date.now, 5, undefined);
    await expect(late.guard(() => new Promise(() => {}))).rejects.toThrow(QueryTimeoutError);
  });
});
