import type { SubqueryExpr } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { referenceTimes } from '../reference-times.ts';
import {
  FLOAT,
  type Grid,
  HISTOGRAM,
  type MatrixValue,
  type RangeSeries,
  type VectorSeries,
  type VectorValue,
} from '../value.ts';
import { seeWindows } from './see-windows.ts';

/** The vector that a subquery's expression gave over its own grid, as a range vector over the outer grid. */
export function subqueryMatrix(
  expr: SubqueryExpr,
  inner: VectorValue,
  innerGrid: Grid,
  outer: Grid,
  evaluation: Evaluation,
): MatrixValue {
  const series = inner.series.map((one) => toRange(one, innerGrid));
  const ends = referenceTimes(expr, outer);
  seeWindows(series, expr.range, ends, evaluation);
  return { kind: 'matrix', series, range: expr.range, ends };
}

function toRange(series: VectorSeries, grid: Grid): RangeSeries {
  const { labels, dropName, kinds } = series;
  const floatSteps = stepsOf(kinds, FLOAT);
  const base = {
    labels,
    dropName,
    timestamps: floatSteps.map((step) => grid.start + step * grid.step),
    floats: floatSteps.map((step) => series.floats[step] as number),
  };
  if (series.histograms === undefined) return base;
  const histogramSteps = stepsOf(kinds, HISTOGRAM);
  return {
    ...base,
    histogramTimestamps: histogramSteps.map((step) => grid.start + step * grid.step),
    histograms: Array.from(histogramSteps).flatMap((step) => unhinted(series.histograms?.[step])),
  };
}

/** Steps may skip or repeat samples, so a hint about the sample before says nothing here. */
function unhinted(histogram: FloatHistogram | undefined): readonly FloatHistogram[] {
  if (histogram === undefined) return [];
  return histogram.resetHint === 'gauge' ? [histogram] : [{ ...histogram, resetHint: 'unknown' }];
}

/** The indexes of one kind, as floats so that a map keeps their type. */
function stepsOf(kinds: Uint8Array, kind: number): Float64Array {
  const steps = new Float64Array(kinds.length);
  let count = 0;
  for (let i = 0; i < kinds.length; i++) if (kinds[i] === kind) steps[count++] = i;
  return steps.subarray(0, count);
}
