import { hashLabels } from '../../model/hash-labels.ts';
import type { Annotations } from '../annotations.ts';
import type { AggregateExpr } from '../ast.ts';
import { formatFloat } from '../histogram/format-float.ts';
import { ABSENT, type VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';
import { SeriesChoice } from './select-series.ts';

/**
 * `limit_ratio`: the share `r` of the series, chosen by the hash of their labels, so the same ones every time. A
 * negative ratio gives the complement of 1 + r.
 */
export function limitRatio(members: readonly VectorSeries[], { grid, params }: Aggregation): VectorSeries[] {
  const choice = new SeriesChoice(members);
  for (const [index, { labels, kinds }] of members.entries()) {
    const place = Number(hashLabels(labels)) / 2 ** 64;
    for (let step = 0; step < grid.length; step++) {
      const ratio = Math.min(1, Math.max(-1, params[step] as number));
      const kept = ratio >= 0 ? place < ratio : place >= 1 + ratio;
      if (kept && kinds[step] !== ABSENT) choice.keep(index, step);
    }
  }
  return choice.series;
}

/** Warns of the highest ratio above 1 and of the lowest below -1; both are cut to these bounds. */
export function warnInvalidRatios(expr: AggregateExpr, params: Float64Array, annotations: Annotations): void {
  const highest = params.reduce((a, b) => Math.max(a, b), 0);
  const lowest = params.reduce((a, b) => Math.min(a, b), 0);
  for (const [ratio, cap] of [
    [highest, 1],
    [lowest, -1],
  ] as const) {
    if (Math.abs(ratio) <= 1) continue;
    const text = `ratio value should be between -1 and 1, got ${formatFloat(ratio)}, capping to ${cap}`;
    annotations.warn(`PromQL warning: ${text}`, expr.param?.position);
  }
}
