import type { Labels } from '../../model/labels.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { formatOpenMetricsFloat } from '../histogram/format-float.ts';
import { histogramFraction } from '../histogram/fraction.ts';
import { histogramQuantile, type NanEffect } from '../histogram/quantile.ts';
import { histogramVariance } from '../histogram/variance.ts';
import type { VectorSeries, VectorValue } from '../value.ts';
import { forMetricName, warnInvalidQuantile } from './annotate.ts';
import { argumentPosition, scalarArgument, stringArgument } from './arguments.ts';
import { Column, histogramAt } from './column.ts';
import { visitHistograms } from './histogram-groups.ts';
import { histogramFunction } from './map-vector.ts';
import { mergeSeries } from './merge-series.ts';
import { MonotonicityReport } from './monotonicity-report.ts';

/** Statistics of native histograms; quantiles and fractions of classic ones too. */
export const HISTOGRAM_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>(
  [
    ['histogram_avg', histogramFunction(({ sum, count }) => sum / count)],
    ['histogram_count', histogramFunction(({ count }) => count)],
    ['histogram_fraction', fraction],
    ['histogram_quantile', (call) => quantile(call)],
    ['histogram_quantiles', quantiles],
    ['histogram_stddev', histogramFunction((histogram) => Math.sqrt(histogramVariance(histogram)))],
    ['histogram_stdvar', histogramFunction(histogramVariance)],
    ['histogram_sum', histogramFunction(({ sum }) => sum)],
  ],
);

const NAN_TEXTS: Readonly<Record<Exclude<NanEffect, 'none'>, string>> = {
  'result-is-nan': 'input to histogram_quantile has NaN observations, result is NaN',
  'skewed-higher': 'input to histogram_quantile has NaN observations, result is skewed higher',
  excluded: 'input to histogram_fraction has NaN observations, which are excluded from all fractions',
};

function quantile(call: FunctionCall): VectorValue {
  return { kind: 'vector', series: quantileSeries(call, 1, scalarArgument(call, 0), 0) };
}

/** @throws ExecutionError where the quantile label makes two series one. */
function quantiles(call: FunctionCall): VectorValue {
  const label = stringArgument(call, 1);
  const series: VectorSeries[] = [];
  for (let i = 2; i < call.args.length; i++) {
    const values = scalarArgument(call, i);
    for (const one of quantileSeries(call, 0, values, i)) series.push(...labelled(one, label, values));
  }
  return { kind: 'vector', series: mergeSeries(series) };
}

/** The quantile is a scalar and may differ from step to step; each value makes a series of its own. */
function labelled(series: VectorSeries, label: string, values: Float64Array): VectorSeries[] {
  const columns = new Map<string, Column>();
  for (let step = 0; step < series.kinds.length; step++) {
    if (series.kinds[step] === 0) continue;
    const name = formatOpenMetricsFloat(values[step] as number);
    const column = columns.get(name) ?? new Column(series.kinds.length);
    column.setFloat(step, series.floats[step] as number);
    columns.set(name, column);
  }
  return [...columns].flatMap(([value, column]) =>
    column.toSeries(series.labels.with({ [label]: value }), series.dropName),
  );
}

/** Quantiles `values` (one a step) of the histograms in argument `index`; `quantileIndex` is where they came from. */
function quantileSeries(
  call: FunctionCall,
  index: number,
  values: Float64Array,
  quantileIndex: number,
): VectorSeries[] {
  for (const q of values) warnInvalidQuantile(call, q, argumentPosition(call, quantileIndex));
  const report = new MonotonicityReport();
  const series: VectorSeries[] = [];
  visitHistograms(call, index, {
    native(labels, _, native, isUsable) {
      const column = fillNative(call, index, native, isUsable, (step) =>
        histogramQuantile(values[step] as number, histogramAt(native, step)),
      );
      series.push(...column.toSeries(labels, true));
    },
    classic(labels, _, bucketsAt) {
      const column = new Column(call.grid.length);
      for (let step = 0; step < call.grid.length; step++) {
        const buckets = bucketsAt(step);
        if (buckets === undefined) continue;
        column.setFloat(step, buckets.quantile(values[step] as number));
        if (buckets.fix.forced) report.record(labels.metricName, buckets.fix, timeOf(call, step));
      }
      series.push(...column.toSeries(labels, true));
    },
  });
  report.annotate(call, argumentPosition(call, index));
  return series;
}

function fraction(call: FunctionCall): VectorValue {
  const [lower, upper] = [scalarArgument(call, 0), scalarArgument(call, 1)];
  const series: VectorSeries[] = [];
  visitHistograms(call, 2, {
    native(labels, _, native, isUsable) {
      const column = fillNative(call, 2, native, isUsable, (step) =>
        histogramFraction(lower[step] as number, upper[step] as number, histogramAt(native, step)),
      );
      series.push(...column.toSeries(labels, true));
    },
    classic(labels, _, bucketsAt) {
      const column = new Column(call.grid.length);
      for (let step = 0; step < call.grid.length; step++) {
        const buckets = bucketsAt(step);
        if (buckets) column.setFloat(step, buckets.fraction(lower[step] as number, upper[step] as number));
      }
      series.push(...column.toSeries(labels, true));
    },
  });
  return { kind: 'vector', series };
}

function fillNative(
  call: FunctionCall,
  index: number,
  native: VectorSeries,
  isUsable: (step: number) => boolean,
  estimate: (step: number) => { readonly value: number; readonly nanEffect: NanEffect },
): Column {
  const column = new Column(call.grid.length);
  for (let step = 0; step < call.grid.length; step++) {
    if (!isUsable(step)) continue;
    const { value, nanEffect } = estimate(step);
    column.setFloat(step, value);
    if (nanEffect !== 'none') informNaN(call, index, native.labels, nanEffect);
  }
  return column;
}

function informNaN(call: FunctionCall, index: number, labels: Labels, effect: Exclude<NanEffect, 'none'>): void {
  const text = `${NAN_TEXTS[effect]}${forMetricName(labels.metricName)}`;
  call.annotations.info(`PromQL info: ${text}`, argumentPosition(call, index));
}

function timeOf({ grid }: FunctionCall, step: number): number {
  return grid.start + step * grid.step;
}
