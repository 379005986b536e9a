import { ExecutionError } from '../errors.ts';
import { ABSENT, HISTOGRAM, type VectorSeries } from '../value.ts';
import { Column, histogramAt } from './column.ts';

/**
 * Joins series that have the same labels and no step in common; the name is to be dropped if any of them says so.
 *
 * @throws ExecutionError where two of them have a value at the same step.
 */
export function mergeSeries(series: readonly VectorSeries[]): VectorSeries[] {
  const groups = new Map<string, VectorSeries[]>();
  for (const one of series) {
    const group = groups.get(one.labels.key);
    if (group === undefined) groups.set(one.labels.key, [one]);
    else group.push(one);
  }
  if (groups.size === series.length) return [...series];
  return [...groups.values()].flatMap((group) => (group.length === 1 ? group : join(group)));
}

function join(group: readonly VectorSeries[]): VectorSeries[] {
  const [first] = group;
  if (first === undefined) return [];
  const column = new Column(first.kinds.length);
  for (const series of group) copyInto(column, series);
  return column.toSeries(
    first.labels,
    group.some((series) => series.dropName),
  );
}

function copyInto(column: Column, series: VectorSeries): void {
  for (let step = 0; step < series.kinds.length; step++) {
    if (series.kinds[step] === ABSENT) continue;
    if (column.kinds[step] !== ABSENT) throw new ExecutionError('vector cannot contain metrics with the same labelset');
    if (series.kinds[step] === HISTOGRAM) column.setHistogram(step, histogramAt(series, step));
    else column.setFloat(step, series.floats[step] as number);
  }
}
