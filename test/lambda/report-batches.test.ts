import { describe, expect, it } from 'vitest';
import { batchMetrics } from '../../lib/lambda/report-batches.ts';
import { newTally } from '../../lib/storage/ledger.ts';

const values = (metrics: readonly { name: string; value: number }[]) =>
  Object.fromEntries(metrics.map(({ name, value }) => [name, value]));

describe('what the worker tells', () => {
  it('is what became of messages and of their samples', () => {
    const tally = { ...newTally(), contextualized: 8, stored: 9, dropped: { relabel_drop: 2, no_asserts_env: 3 } };
    expect(values(batchMetrics({ messages: 5, failed: 2, buried: 1, tally, durationMs: 3 }))).toEqual({
      Messages: 5,
      MessagesFailed: 2,
      MessagesBuried: 1,
      SamplesContextualized: 8,
      SamplesDropped: 5,
      SamplesStored: 9,
    });
  });
});
