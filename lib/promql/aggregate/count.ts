import { Column } from '../functions/column.ts';
import { ABSENT, type VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';

/** `count`: how many series have a value, float or histogram. */
export function count(members: readonly VectorSeries[], { grid }: Aggregation): Column {
  const counts = new Float64Array(grid.length);
  for (const { kinds } of members) {
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] !== ABSENT) counts[step] = (counts[step] as number) + 1;
    }
  }
  const column = new Column(grid.length);
  for (const [step, value] of counts.entries()) if (value > 0) column.setFloat(step, value);
  return column;
}
