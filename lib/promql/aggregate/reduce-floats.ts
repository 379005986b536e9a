import { Column } from '../functions/column.ts';
import { ABSENT, FLOAT, type VectorSeries } from '../value.ts';
import { type Aggregation, informHistogramIgnored } from './aggregation.ts';
import type { FloatReducer } from './reduce-samples.ts';

/** Reduces the floats of a group; histograms are passed over with an info. */
export function reduceFloats(
  members: readonly VectorSeries[],
  aggregation: Aggregation,
  reducer: FloatReducer,
): Column {
  const { grid, evaluation } = aggregation;
  const seen = new Uint8Array(grid.length);
  let ignored = false;
  for (const { kinds, floats } of members) {
    evaluation.interruption.poll();
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] === FLOAT) {
        reducer.add(step, floats[step] as number, seen[step] === 0);
        seen[step] = 1;
      } else if (kinds[step] !== ABSENT) ignored = true;
    }
  }
  if (ignored) informHistogramIgnored(aggregation);
  const column = new Column(grid.length);
  for (let step = 0; step < grid.length; step++) if (seen[step] !== 0) column.setFloat(step, reducer.result(step));
  return column;
}
