import type { FloatHistogram } from '../float-histogram.ts';
import { Column } from '../functions/column.ts';
import type { CombinedHistogram } from '../histogram/arithmetic.ts';
import { compactHistogram } from '../histogram/compact.ts';
import { IncompatibleHistogramsError } from '../histogram/incompatible.ts';
import { ABSENT, FLOAT, type VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';

/** Accumulates the floats of a group; `seen` marks the steps that have any. */
export interface FloatReducer {
  add(step: number, value: number, first: boolean): void;
  result(step: number): number;
}

/**
 * Reduces members that may hold floats or histograms. A step with both gives nothing and a warning; so does one whose
 * histograms cannot be put together.
 */
export function reduceSamples(
  members: readonly VectorSeries[],
  aggregation: Aggregation,
  floats: FloatReducer,
  combine: (histograms: readonly FloatHistogram[]) => CombinedHistogram,
): Column {
  const { grid, evaluation } = aggregation;
  const hasFloat = new Uint8Array(grid.length);
  const hasHistogram = new Uint8Array(grid.length);
  for (const { kinds, floats: values } of members) {
    evaluation.interruption.poll();
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] === FLOAT) {
        floats.add(step, values[step] as number, hasFloat[step] === 0);
        hasFloat[step] = 1;
      } else if (kinds[step] !== ABSENT) hasHistogram[step] = 1;
    }
  }
  const column = new Column(grid.length);
  for (let step = 0; step < grid.length; step++) {
    if (hasHistogram[step] === 0) {
      if (hasFloat[step] !== 0) column.setFloat(step, floats.result(step));
    } else if (hasFloat[step] === 0) setCombined(column, step, members, aggregation, combine);
    else warn(aggregation, 'encountered a mix of histograms and floats for aggregation');
  }
  return column;
}

function setCombined(
  column: Column,
  step: number,
  members: readonly VectorSeries[],
  aggregation: Aggregation,
  combine: (histograms: readonly FloatHistogram[]) => CombinedHistogram,
): void {
  const { annotations } = aggregation.evaluation;
  const histograms = members.flatMap(({ kinds, histograms: column }) =>
    kinds[step] === ABSENT ? [] : (column?.[step] ?? []),
  );
  try {
    const { histogram, hintCollision, boundsReconciled } = combine(histograms);
    if (hintCollision) warn(aggregation, 'conflicting counter resets during histogram aggregation');
    if (boundsReconciled) {
      const text = 'PromQL info: mismatched custom buckets were reconciled during aggregation';
      annotations.info(text, aggregation.expr.expr.position);
    }
    column.setHistogram(step, compactHistogram(histogram));
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error;
    const name = JSON.stringify(members[0]?.labels.metricName ?? '');
    const text = 'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
    warn(aggregation, `${text} ${name}`);
  }
}

function warn({ expr, evaluation }: Aggregation, text: string): void {
  evaluation.annotations.warn(`PromQL warning: ${text}`, expr.expr.position);
}
