import type { Labels } from '../../model/labels.ts';
import type { AggregateExpr } from '../ast.ts';
import { signatureOn, signatureWithout } from '../binary/signature.ts';
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
  const { key, labels } = without ? signatureWithout(grouping, features) : signatureOn(grouping);
  const groups = new Map<string, SeriesGroup>();
  for (const member of series) {
    const signature = key(member.labels);
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, { labels: labels(member.labels), members: [member] });
    else group.members.push(member);
  }
  return [...groups.values()];
}
