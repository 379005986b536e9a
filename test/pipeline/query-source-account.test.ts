import { expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { QueryAccount } from '../../lib/pipeline/query-source-account.ts';
import type { RuleOutcome } from '../../lib/pipeline/query-source-finish.ts';

const labelsOf = (job: string) => Labels.from({ __name__: 'a', job });

it('counts results that the store refused as dropped, at their times', () => {
  const series = ['x', 'y'].map((job) => ({
    labels: labelsOf(job),
    floats: { timestamps: Float64Array.of(60, 120), values: Float64Array.of(1, 2) },
  }));
  const outcomes = [{ kind: 'computed', rule: {}, series }] as unknown as readonly RuleOutcome[];
  const account = new QueryAccount([60, 120, 180]);
  account.computed(outcomes);
  account.refused([{ labels: labelsOf('y'), reason: 'id_collision', detail: 'why' }], outcomes);
  expect(account.entries.map(({ time, tally }) => [time, tally.stored, tally.dropped])).toEqual([
    [60, 1, { id_collision: 1 }],
    [120, 1, { id_collision: 1 }],
    [180, 0, {}],
  ]);
  expect(account.stored).toBe(2);
  expect(account.examples).toEqual([{ reason: 'id_collision', series: 'a{job="y"}', detail: 'why' }]);
});
