import { expect, it } from 'vitest';
import { withDetectedResets } from '../../../lib/promql/histogram/reset-hints-of-series.ts';
import { histogramOf } from './histogram-of.ts';

it('tells resets from continuations, leaving the first and gauges as they are', () => {
  const counts = [5, 7, 3, 4];
  const gauge = histogramOf({ buckets: [1], hint: 'gauge' });
  const series = [...counts.map((count) => histogramOf({ buckets: [count] })), gauge];
  expect(withDetectedResets(series).map(({ resetHint }) => resetHint)).toEqual(['unknown', 'no', 'yes', 'no', 'gauge']);
});
