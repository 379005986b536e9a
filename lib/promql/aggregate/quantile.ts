import type { Annotations } from '../annotations.ts';
import type { AggregateExpr } from '../ast.ts';
import { Column } from '../functions/column.ts';
import { quantileOfFloats } from '../functions/quantile-of-floats.ts';
import { formatFloat } from '../histogram/format-float.ts';
import { ABSENT, FLOAT, type VectorSeries } from '../value.ts';
import { type Aggregation, informHistogramIgnored } from './aggregation.ts';

/** `quantile`: of the floats at each step, NaN counting as the smallest. */
export function quantile(members: readonly VectorSeries[], aggregation: Aggregation): Column {
  const { grid, params, evaluation } = aggregation;
  const values = new Float64Array(members.length);
  const column = new Column(grid.length);
  let ignored = false;
  for (let step = 0; step < grid.length; step++) {
    let count = 0;
    for (const { kinds, floats } of members) {
      if (kinds[step] === FLOAT) values[count++] = floats[step] as number;
      else if (kinds[step] !== ABSENT) ignored = true;
    }
    evaluation.interruption.poll();
    if (count > 0) column.setFloat(step, quantileOfFloats(params[step] as number, values, 0, count));
  }
  if (ignored) informHistogramIgnored(aggregation);
  return column;
}

/** Warns of parameters that are no quantiles: of NaN, of the highest above 1 and of the lowest below 0. */
export function warnInvalidQuantiles(expr: AggregateExpr, params: Float64Array, annotations: Annotations): void {
  const invalid: number[] = [];
  if (params.some(Number.isNaN)) invalid.push(Number.NaN);
  const numbers = params.filter((param) => !Number.isNaN(param));
  const highest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const lowest = numbers.reduce((a, b) => Math.min(a, b), 0);
  if (highest > 1) invalid.push(highest);
  if (lowest < 0) invalid.push(lowest);
  for (const q of invalid) {
    const text = `quantile value should be between 0 and 1, got ${formatFloat(q)}`;
    annotations.warn(`PromQL warning: ${text}`, expr.param?.position);
  }
}
