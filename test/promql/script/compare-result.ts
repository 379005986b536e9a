import { compareLabels, type Labels } from '../../../lib/model/labels.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import type { QueryData, ResultSeries } from '../../../lib/promql/result.ts';
import { almostEqual } from './almost-equal.ts';
import { formatHistogram, histogramDifference } from './histogram-difference.ts';
import type { EvalCommand, ExpectedResult, SequenceValue, SeriesLine } from './script.ts';

type Point = { readonly timestamp: number; readonly value: number | FloatHistogram };

/**
 * What is wrong with a result, or undefined when it is as expected: labels exactly, values within the tolerance of the
 * scripts, order where the command asks for it.
 */
export function compareResult(command: EvalCommand, data: QueryData): string | undefined {
  const { expected, times } = command;
  if (expected.kind === 'scalar') return compareScalar(expected.value, data);
  if (expected.kind === 'string') {
    return data.kind === 'string' && data.value === expected.value ? undefined : `got ${formatData(data)}`;
  }
  if (expected.kind === 'range vector')
    return compareMatrix(expected, data, expected.start, expected.end, expected.step);
  if (times.kind === 'range') return compareMatrix(expected, data, times.start, times.end, times.step);
  return compareVector(expected.series, command.expectations.ordered, data);
}

/** A result as the report shows it. */
export function formatData(data: QueryData): string {
  switch (data.kind) {
    case 'scalar':
      return `scalar ${data.value}`;
    case 'string':
      return `string ${JSON.stringify(data.value)}`;
    case 'vector':
      return (
        data.samples.map((sample) => `${formatLabels(sample.labels)} ${formatValue(sample.value)}`).join('\n') ||
        'nothing'
      );
    case 'matrix':
      return (
        data.series.map((series) => `${formatLabels(series.labels)} ${formatPoints(pointsOf(series))}`).join('\n') ||
        'nothing'
      );
  }
}

/** What a command expects, as the report shows it. */
export function formatExpected(expected: ExpectedResult): string {
  if (expected.kind === 'scalar' || expected.kind === 'string')
    return `${expected.kind} ${JSON.stringify(expected.value)}`;
  const lines = expected.series.map(
    (line) => `${formatLabels(line.labels)} ${line.values.map(formatSequenceValue).join(' ')}`,
  );
  return lines.join('\n') || 'nothing';
}

/** The points of a series in time order, floats and histograms together. */
export function pointsOf(series: ResultSeries): Point[] {
  const floats = Array.from(series.timestamps, (timestamp, i) => ({ timestamp, value: series.values[i] as number }));
  const histograms = Array.from(series.histogramTimestamps, (timestamp, i) => ({
    timestamp,
    value: series.histograms[i] as FloatHistogram,
  }));
  return [...floats, ...histograms].sort((a, b) => a.timestamp - b.timestamp);
}

function compareScalar(expected: number, data: QueryData): string | undefined {
  if (data.kind !== 'scalar') return `got a ${data.kind}, not a scalar`;
  return almostEqual(expected, data.value) ? undefined : `got ${data.value}`;
}

function compareVector(lines: readonly SeriesLine[], ordered: boolean, data: QueryData): string | undefined {
  if (data.kind !== 'vector') return `got a ${data.kind}, not a vector`;
  const wanted = new Map(lines.map((line, position) => [line.labels.key, { line, position }]));
  const seen = new Set<string>();
  for (const [position, sample] of data.samples.entries()) {
    const want = wanted.get(sample.labels.key);
    if (want === undefined) return `unexpected ${formatLabels(sample.labels)} ${formatValue(sample.value)}`;
    if (seen.has(sample.labels.key)) return `${formatLabels(sample.labels)} comes twice`;
    seen.add(sample.labels.key);
    if (ordered && want.position !== position) {
      return `${formatLabels(sample.labels)} comes at position ${position + 1}, not ${want.position + 1}`;
    }
    const difference = valueDifference(want.line.values[0] as SequenceValue, sample.value);
    if (difference !== undefined) return `${formatLabels(sample.labels)}: ${difference}`;
  }
  return missing(lines, seen);
}

function compareMatrix(
  expected: { readonly series: readonly SeriesLine[] },
  data: QueryData,
  start: number,
  end: number,
  step: number,
): string | undefined {
  if (data.kind !== 'matrix') return `got a ${data.kind}, not a matrix`;
  const unsorted = data.series.findIndex(
    (series, i) => i > 0 && compareLabels((data.series[i - 1] as ResultSeries).labels, series.labels) >= 0,
  );
  if (unsorted >= 0) return `series ${formatLabels((data.series[unsorted] as ResultSeries).labels)} is out of order`;
  const wanted = new Map(expected.series.map((line) => [line.labels.key, line]));
  const seen = new Set<string>();
  for (const series of data.series) {
    const want = wanted.get(series.labels.key);
    const points = pointsOf(series);
    if (want === undefined) return `unexpected ${formatLabels(series.labels)} ${formatPoints(points)}`;
    seen.add(series.labels.key);
    const difference = pointsDifference(want.values, points, start, end, step);
    if (difference !== undefined) return `${formatLabels(series.labels)}: ${difference}`;
  }
  return missing(expected.series, seen);
}

function pointsDifference(
  values: readonly SequenceValue[],
  points: readonly Point[],
  start: number,
  end: number,
  step: number,
): string | undefined {
  if (start + (values.length - 1) * step > end)
    return `the line expects ${values.length} values, more than the range has`;
  const byTime = new Map(points.map((point) => [point.timestamp, point.value]));
  for (const [i, want] of values.entries()) {
    const timestamp = start + i * step;
    const got = byTime.get(timestamp);
    byTime.delete(timestamp);
    if (want.kind === 'omitted' && got === undefined) continue;
    if (want.kind === 'omitted') return `at ${timestamp} ms ${formatValue(got as number)}, not nothing`;
    if (got === undefined) return `at ${timestamp} ms nothing, not ${formatSequenceValue(want)}`;
    const difference = valueDifference(want, got);
    if (difference !== undefined) return `at ${timestamp} ms ${difference}`;
  }
  const [extra] = byTime;
  return extra === undefined ? undefined : `at ${extra[0]} ms ${formatValue(extra[1])}, not nothing`;
}

function valueDifference(want: SequenceValue, got: number | FloatHistogram): string | undefined {
  const different = `got ${formatValue(got)}, not ${formatSequenceValue(want)}`;
  if (want.kind === 'omitted') return different;
  if (want.kind === 'float') return typeof got === 'number' && almostEqual(want.value, got) ? undefined : different;
  if (typeof got === 'number') return different;
  const reason = histogramDifference(want.histogram, got, want.hintGiven);
  return reason === undefined ? undefined : `${reason}: ${different}`;
}

function missing(lines: readonly SeriesLine[], seen: ReadonlySet<string>): string | undefined {
  const absent = lines.find(
    (line) => !seen.has(line.labels.key) && line.values.some((value) => value.kind !== 'omitted'),
  );
  return absent === undefined ? undefined : `no ${formatLabels(absent.labels)} in the result`;
}

function formatLabels(labels: Labels): string {
  return labels.size === 0 ? '{}' : labels.toString();
}

function formatValue(value: number | FloatHistogram): string {
  return typeof value === 'number' ? String(value) : formatHistogram(value);
}

function formatPoints(points: readonly Point[]): string {
  return points.map((point) => `${formatValue(point.value)}@${point.timestamp / 1000}`).join(' ');
}

function formatSequenceValue(value: SequenceValue): string {
  if (value.kind === 'omitted') return '_';
  return value.kind === 'float' ? formatValue(value.value) : formatHistogram(value.histogram);
}
