import type { MatrixSelector, VectorSelector } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import { referenceTimes } from '../reference-times.ts';
import type { Grid, MatrixValue, RangeSeries } from '../value.ts';
import { seeWindows } from './see-windows.ts';

/** A range-vector selector over a grid. Functions slide their windows over the raw samples; nothing is copied. */
export function selectMatrix({ selector, range }: MatrixSelector, grid: Grid, evaluation: Evaluation): MatrixValue {
  const { lookbackDelta } = evaluation;
  const series = evaluation.loaded.of(selector).ranges;
  const ends = referenceTimes(selector, grid);
  const reach = boundsOf(selector, range, ends, lookbackDelta);
  const within = series.filter((one) => hasSampleIn(one, reach));
  seeWindows(within, range, ends, evaluation);
  const { extension } = selector;
  return { kind: 'matrix', series: within, range, ends, ...(extension && { extension, lookbackDelta }) };
}

/** The samples that any window of the grid can hold: (after, upTo]. */
interface Reach {
  readonly after: number;
  readonly upTo: number;
}

function boundsOf({ extension }: VectorSelector, range: number, ends: Float64Array, lookback: number): Reach {
  const first = ends[0] ?? Number.POSITIVE_INFINITY;
  const last = ends[ends.length - 1] ?? Number.NEGATIVE_INFINITY;
  return {
    after: first - range - (extension === undefined ? 0 : lookback),
    upTo: last + (extension === 'smoothed' ? lookback : 0),
  };
}

/** Series that another selector's read brought along, with nothing for this one, are left out. */
function hasSampleIn({ timestamps, histogramTimestamps }: RangeSeries, reach: Reach): boolean {
  return touches(timestamps, reach) || (histogramTimestamps !== undefined && touches(histogramTimestamps, reach));
}

function touches(times: Float64Array, { after, upTo }: Reach): boolean {
  const { length } = times;
  return length > 0 && (times[length - 1] as number) > after && (times[0] as number) <= upTo;
}
