import type { PositionRange } from '../annotations.ts';
import type { FunctionCall } from '../function-call.ts';
import { formatFloat } from '../histogram/format-float.ts';
import type { RangeCursor } from './range-series.ts';

/** Whether a window holds floats and histograms; functions that take only one kind then warn and give no result. */
export function warnMixedWindow(cursor: RangeCursor): boolean {
  if (cursor.floatWindow.size === 0 || cursor.histogramWindow.size === 0) return false;
  warnAboutSeries(cursor, 'encountered a mix of histograms and floats for metric name');
  return true;
}

/** For functions of floats only: tells that the histograms in the window did not count. */
export function informHistogramsIgnored({ call, series, position, histogramWindow }: RangeCursor): void {
  if (histogramWindow.size === 0) return;
  const name = quote(series.labels.metricName);
  const text = `ignored histograms in a range containing both floats and histograms for metric name ${name}`;
  call.annotations.info(`PromQL info: ${text}`, position);
}

export function warnNotCounter(cursor: RangeCursor): void {
  warnAboutSeries(cursor, 'this native histogram metric is not a counter:');
}

export function warnNotGauge(cursor: RangeCursor): void {
  warnAboutSeries(cursor, 'this native histogram metric is not a gauge:');
}

export function warnMixedBuckets(cursor: RangeCursor): void {
  warnAboutSeries(
    cursor,
    'vector contains a mix of histograms with exponential and custom buckets schemas for metric name',
  );
}

export function warnStartTimeOverlap(cursor: RangeCursor): void {
  warnAboutSeries(cursor, 'sample has start time that overlaps with previous sample timestamp for metric');
}

export function warnHintCollision({ call, position }: RangeCursor): void {
  call.annotations.warn('PromQL warning: conflicting counter resets during histogram aggregation', position);
}

export function informBoundsReconciled(
  { call, position }: RangeCursor,
  operation: 'addition' | 'subtraction' | 'aggregation',
): void {
  call.annotations.info(`PromQL info: mismatched custom buckets were reconciled during ${operation}`, position);
}

/** Warns of a quantile outside [0, 1]. */
export function warnInvalidQuantile(call: FunctionCall, q: number, position: PositionRange): void {
  if (q >= 0 && q <= 1) return;
  const text = `quantile value should be between 0 and 1, got ${formatFloat(q)}`;
  call.annotations.warn(`PromQL warning: ${text}`, position);
}

/** ` for metric name "x"`, or nothing where the name is not known. */
export function forMetricName(name: string): string {
  return name === '' ? '' : ` for metric name ${quote(name)}`;
}

export function quote(text: string): string {
  return JSON.stringify(text);
}

function warnAboutSeries({ call, series, position }: RangeCursor, text: string): void {
  call.annotations.warn(`PromQL warning: ${text} ${quote(series.labels.metricName)}`, position);
}
