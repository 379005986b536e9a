import type { Labels } from '../../model/labels.ts';
import type { AggregateExpr } from '../ast.ts';
import { schemaLabels } from '../drop-names.ts';
import type { QueryFeature } from '../query-options.ts';
import type { VectorSeries } from '../value.ts';

/** The series that one result of an aggregation is made of. */
export interface SeriesGroup {
  readonly labels: Labels;
  readonly members: VectorSeries[];
}

/** Sorts series by the labels that `by` keeps or `without` leaves; groups stand in the order first met. */
export function groupSeries(
  { grouping, without }: AggregateExpr,
  series: readonly VectorSeries[],
  features: ReadonlySet<QueryFeature>,
): SeriesGroup[] {
  const names = new Set(without ? [...grouping, ...schemaLabels(features)] : grouping);
  const groups = new Map<string, SeriesGroup>();
  for (const member of series) {
    const labels = member.labels.filter((name) => names.has(name) !== without);
    const group = groups.get(labels.key);
    if (group === undefined) groups.set(labels.key, { labels, members: [member] });
    else group.members.push(member);
  }
  return [...groups.values()];
}
