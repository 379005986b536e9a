import type { VectorSelector } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import { Column } from '../functions/column.ts';
import { Window } from '../functions/window.ts';
import { usesCustomBuckets } from '../histogram/bounds.ts';
import { IncompatibleHistogramsError } from '../histogram/incompatible.ts';
import { interpolateHistograms } from '../histogram/interpolate.ts';
import { referenceTimes } from '../reference-times.ts';
import type { Grid, RangeSeries, VectorSeries, VectorValue } from '../value.ts';

const NO_TIMES = new Float64Array(0);

/**
 * `metric smoothed`: the value on the straight line between the samples before and after each step, both no further off
 * than the lookback; the last value is carried forward where none follows.
 */
export function selectSmoothed(selector: VectorSelector, grid: Grid, evaluation: Evaluation): VectorValue {
  const { ranges } = evaluation.loaded.of(selector);
  const times = referenceTimes(selector, grid);
  evaluation.budget.expect(ranges.length * grid.length);
  return { kind: 'vector', series: ranges.flatMap((series) => smooth(series, times, selector, evaluation)) };
}

function smooth(
  series: RangeSeries,
  times: Float64Array,
  { position }: VectorSelector,
  { lookbackDelta, annotations, budget, interruption }: Evaluation,
): VectorSeries[] {
  const name = JSON.stringify(series.labels.metricName);
  const floats = new Window(series.timestamps);
  const histograms = new Window(series.histogramTimestamps ?? NO_TIMES);
  const column = new Column(times.length);
  let count = 0;
  interruption.poll();
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    for (const window of [floats, histograms]) window.moveTo(time - lookbackDelta, time + lookbackDelta);
    if (floats.size > 0 && histograms.size > 0) {
      const text = `encountered a mix of histograms and floats for metric name ${name}`;
      annotations.warn(`PromQL warning: ${text}`, position);
    } else if (floats.size > 0) count += setFloat(column, i, time, series, floats);
    else if (histograms.size > 0) {
      try {
        count += setHistogram(column, i, time, series, histograms);
      } catch (error) {
        if (!(error instanceof IncompatibleHistogramsError)) throw error;
        const text = 'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
        annotations.warn(`PromQL warning: ${text} ${name}`, position);
      }
    }
  }
  budget.hold(count);
  budget.see(count);
  return column.toSeries(series.labels, false);
}

function setFloat(column: Column, step: number, time: number, { timestamps, floats }: RangeSeries, window: Window) {
  const before = lastUpTo(timestamps, window, time);
  if (before < window.first) return 0;
  const value = floats[before] as number;
  const start = timestamps[before] as number;
  if (start === time || before + 1 >= window.last) column.setFloat(step, value);
  else {
    const slope = ((floats[before + 1] as number) - value) / ((timestamps[before + 1] as number) - start);
    column.setFloat(step, value + slope * (time - start));
  }
  return 1;
}

function setHistogram(column: Column, step: number, time: number, series: RangeSeries, window: Window) {
  const { histogramTimestamps: timestamps = NO_TIMES, histograms = [] } = series;
  const sampleAt = (i: number) => {
    const histogram = histograms[i];
    if (histogram === undefined) throw new Error(`BUG: ${series.labels} has no histogram ${i}`);
    return { timestamp: timestamps[i] as number, histogram };
  };
  const index = lastUpTo(timestamps, window, time);
  if (index < window.first) return 0;
  const before = sampleAt(index);
  if (before.timestamp === time || index + 1 >= window.last) column.setHistogram(step, before.histogram);
  else {
    const after = sampleAt(index + 1);
    if (usesCustomBuckets(before.histogram) !== usesCustomBuckets(after.histogram)) {
      throw new IncompatibleHistogramsError();
    }
    const isCounter = after.histogram.resetHint !== 'gauge';
    column.setHistogram(step, interpolateHistograms(before, after, time, isCounter).histogram);
  }
  return 1;
}

/** The last sample of the window at or before `time`; below `first` where there is none. */
function lastUpTo(timestamps: Float64Array, { first, last }: Window, time: number): number {
  let index = last - 1;
  while (index >= first && (timestamps[index] as number) > time) index--;
  return index;
}
