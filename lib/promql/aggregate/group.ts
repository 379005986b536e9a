import { Column } from '../functions/column.ts';
import { ABSENT, type VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';

/** `group`: 1 wherever any series has a value. */
export function group(members: readonly VectorSeries[], { grid }: Aggregation): Column {
  const column = new Column(grid.length);
  for (const { kinds } of members) {
    for (let step = 0; step < kinds.length; step++) if (kinds[step] !== ABSENT) column.setFloat(step, 1);
  }
  return column;
}
