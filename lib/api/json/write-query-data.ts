import { formatFloat } from '../../model/format-float.ts';
import { formatDecimal } from '../../promql/format-number.ts';
import type { QueryData, QueryStats, ResultSample, ResultSeries } from '../../promql/result.ts';
import { jsonString } from './json-string.ts';
import type { JsonWriter } from './json-writer.ts';
import { formatTimestamp } from './timestamp.ts';
import { writeHistogram } from './write-histogram.ts';
import { writeLabels } from './write-labels.ts';
import { writeList } from './write-list.ts';

/** `{"resultType":…,"result":…}`, with `"stats"` where they were asked for. */
export function writeQueryData(out: JsonWriter, data: QueryData, stats?: QueryStats): void {
  out.write(`{"resultType":"${data.kind}","result":`);
  writeResult(out, data);
  if (stats !== undefined) out.write(`,"stats":${statsText(stats)}`);
  out.write('}');
}

/**
 * Scalars and strings take Go's plain float for the time (1.5, where samples have 1.500), and scalars never have an
 * exponent.
 */
function writeResult(out: JsonWriter, data: QueryData): void {
  if (data.kind === 'scalar') out.write(`[${data.timestamp / 1000},"${formatDecimal(data.value)}"]`);
  if (data.kind === 'string') out.write(`[${data.timestamp / 1000},${jsonString(data.value)}]`);
  if (data.kind === 'vector') writeList(out, data.samples, (sample) => writeSample(out, sample));
  if (data.kind === 'matrix') {
    const beginnings = new PointBeginnings();
    writeList(out, data.series, (series) => writeSeries(out, series, beginnings));
  }
}

function writeSample(out: JsonWriter, { labels, timestamp, value }: ResultSample): void {
  out.write('{"metric":');
  writeLabels(out, labels);
  if (typeof value === 'number') {
    out.write(`,"value":[${formatTimestamp(timestamp)},"${formatFloat(value)}"]}`);
    return;
  }
  out.write(`,"histogram":[${formatTimestamp(timestamp)},`);
  writeHistogram(out, value);
  out.write(']}');
}

/** A series without floats has no `values`, one without histograms no `histograms`. */
function writeSeries(out: JsonWriter, series: ResultSeries, beginnings: PointBeginnings): void {
  out.write('{"metric":');
  writeLabels(out, series.labels);
  writeFloats(out, series, beginnings);
  writeHistograms(out, series);
  out.write('}');
}

function writeFloats(out: JsonWriter, { timestamps, values }: ResultSeries, beginnings: PointBeginnings): void {
  if (timestamps.length === 0) return;
  let text = ',"values":[';
  for (let i = 0; i < timestamps.length; i++) {
    text += beginnings.at(i, timestamps[i] as number);
    text += formatFloat(values[i] as number);
  }
  out.write(`${text}"]]`);
}

/**
 * `"],[1435781451.780,"`: what stands between the values of two points, the end of one and the beginning of the next. The
 * series of a matrix share their times, so each text is made once, not once a series.
 */
class PointBeginnings {
  readonly #times: number[] = [];
  readonly #texts: string[] = [];

  /** What stands before the value of a series' `index`th point, which most likely has the time of the one before. */
  at(index: number, ms: number): string {
    if (this.#times[index] === ms) return this.#texts[index] as string;
    const text = `${index === 0 ? '' : '"],'}[${formatTimestamp(ms)},"`;
    this.#times[index] = ms;
    this.#texts[index] = text;
    return text;
  }
}

function writeHistograms(out: JsonWriter, { histogramTimestamps, histograms }: ResultSeries): void {
  if (histograms.length === 0) return;
  let separator = ',"histograms":[[';
  for (const [i, histogram] of histograms.entries()) {
    out.write(`${separator}${formatTimestamp(histogramTimestamps[i] as number)},`);
    writeHistogram(out, histogram);
    out.write(']');
    separator = ',[';
  }
  out.write(']');
}

/** Prometheus's names for the parts, in seconds. Nothing queues here and results are never sorted apart: those are 0. */
function statsText(stats: QueryStats): string {
  const seconds = (ms: number) => formatFloat(Math.round(ms * 1e6) / 1e9);
  const { parseMs, storeMs, evalMs } = stats;
  return (
    `{"timings":{"evalTotalTime":${seconds(storeMs + evalMs)},"resultSortTime":0,` +
    `"queryPreparationTime":${seconds(storeMs)},"innerEvalTime":${seconds(evalMs)},"execQueueTime":0,` +
    `"execTotalTime":${seconds(parseMs + storeMs + evalMs)}},` +
    `"samples":{"totalQueryableSamples":${stats.totalQueryableSamples},"peakSamples":${stats.peakSamples}}}`
  );
}
