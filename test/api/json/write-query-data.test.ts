import { describe, expect, it } from 'vitest';
import { JsonWriter } from '../../../lib/api/json/json-writer.ts';
import { writeQueryData } from '../../../lib/api/json/write-query-data.ts';
import { Labels } from '../../../lib/model/labels.ts';
import type { QueryData, QueryStats, ResultSeries } from '../../../lib/promql/result.ts';
import { type CaptureVersion, capture, itWithCaptures } from '../captures.ts';

const FLOAT_RESULTS: readonly [CaptureVersion, string][] = [
  ['2.42', 'q_up'],
  ['2.42', 'q_special'],
  ['2.42', 'q_matrix'],
  ['2.42', 'q_rfc3339'],
  ['2.42', 'q_string'],
  ['2.42', 'q_1plus1'],
  ['2.42', 'q_empty'],
  ['2.42', 'qr_11000'],
  ['2.42', 'qr_rate'],
  ['2.42', 'qr_scalar'],
  ['2.42', 'qr_step_dur'],
  ['2.42', 'qr_up'],
  ['3.5', 'q_duplabel'],
  ['3.5', 'q_lookback'],
  ['3.5', 'q_nh_quantile'],
  ['3.5', 'q_utf8'],
];

describe('writeQueryData', () => {
  for (const [version, name] of FLOAT_RESULTS) {
    itWithCaptures(`writes ${name} byte for byte as Prometheus ${version}`, () => {
      const { text } = capture(version, name);
      expect(`{"status":"success","data":${written(readData(text))}}`).toBe(text);
    });
  }

  it('gives scalars no exponent and their time no trailing zeros', () => {
    const data: QueryData = { kind: 'scalar', timestamp: 4180, value: 1e-7 };
    expect(written(data)).toBe('{"resultType":"scalar","result":[4.18,"0.0000001"]}');
  });

  it('writes floats and histograms of one series side by side', () => {
    const histogram = {
      resetHint: 'unknown' as const,
      schema: 0,
      zeroThreshold: 0.001,
      zeroCount: 1,
      count: 5,
      sum: 1.5,
      positiveSpans: [{ offset: 0, length: 2 }],
      negativeSpans: [],
      positiveBuckets: Float64Array.of(2, 2),
      negativeBuckets: new Float64Array(),
      customValues: [],
    };
    const series: ResultSeries = {
      labels: Labels.from({ job: 'x' }),
      timestamps: Float64Array.of(1000),
      values: Float64Array.of(-0),
      histogramTimestamps: Float64Array.of(2500),
      histograms: [histogram],
    };
    expect(written({ kind: 'matrix', series: [series] })).toBe(
      '{"resultType":"matrix","result":[{"metric":{"job":"x"},"values":[[1,"-0"]],"histograms":[[2.500,' +
        '{"count":"5","sum":"1.5","buckets":[[3,"-0.001","0.001","1"],[0,"0.5","1","2"],[0,"1","2","2"]]}]]}]}',
    );
  });

  it("writes statistics in seconds under Prometheus's names", () => {
    const stats: QueryStats = { totalQueryableSamples: 480, peakSamples: 46, parseMs: 0.01, storeMs: 2, evalMs: 0.5 };
    const out = new JsonWriter();
    writeQueryData(out, { kind: 'vector', samples: [] }, stats);
    expect(out.toBuffer().toString()).toBe(
      '{"resultType":"vector","result":[],"stats":{"timings":{"evalTotalTime":0.0025,"resultSortTime":0,' +
        '"queryPreparationTime":0.002,"innerEvalTime":0.0005,"execQueueTime":0,"execTotalTime":0.00251},' +
        '"samples":{"totalQueryableSamples":480,"peakSamples":46}}}',
    );
  });

  itWithCaptures("has every key of Prometheus's statistics", () => {
    const stats: QueryStats = { totalQueryableSamples: 4, peakSamples: 4, parseMs: 0, storeMs: 1, evalMs: 1 };
    const out = new JsonWriter();
    writeQueryData(out, { kind: 'vector', samples: [] }, stats);
    const ours = JSON.parse(out.toBuffer().toString()).stats;
    const theirs = JSON.parse(capture('3.5', 'q_stats_all').text).data.stats;
    expect(Object.keys(ours.timings)).toEqual(Object.keys(theirs.timings));
    expect(Object.keys(ours.samples)).toEqual(Object.keys(theirs.samples));
  });
});

function written(data: QueryData): string {
  const out = new JsonWriter();
  writeQueryData(out, data);
  return out.toBuffer().toString();
}

type Point = [time: number, value: string];

interface CapturedSeries {
  readonly metric: Record<string, string>;
  readonly value: Point;
  readonly values: readonly Point[];
}

/** The result in a response, as the engine would have given it. */
function readData(text: string): QueryData {
  const { resultType, result } = JSON.parse(text).data as { resultType: string; result: unknown };
  if (resultType === 'scalar') return { kind: 'scalar', ...timeAndValue(result as Point) };
  if (resultType === 'string') {
    const [time, value] = result as Point;
    return { kind: 'string', timestamp: Math.round(time * 1000), value };
  }
  const series = result as readonly CapturedSeries[];
  if (resultType === 'matrix') return { kind: 'matrix', series: series.map(readSeries) };
  const samples = series.map(({ metric, value }) => ({ labels: Labels.from(metric), ...timeAndValue(value) }));
  return { kind: 'vector', samples };
}

function readSeries({ metric, values }: CapturedSeries): ResultSeries {
  const points = values.map(timeAndValue);
  return {
    labels: Labels.from(metric),
    timestamps: Float64Array.from(points, ({ timestamp }) => timestamp),
    values: Float64Array.from(points, ({ value }) => value),
    histogramTimestamps: new Float64Array(),
    histograms: [],
  };
}

function timeAndValue([time, value]: Point): { timestamp: number; value: number } {
  return { timestamp: Math.round(time * 1000), value: Number(value.replace('Inf', 'Infinity')) };
}
