import type { Histogram } from '../../model/histogram.ts';
import type { Downsampled, FloatColumn, Segment, Series } from '../interface.ts';
import type { TimeRange } from '../retention-window.ts';
import { SeriesBuilder, type SeriesColumns } from '../series-builder.ts';
import type { WindowFloats } from './window-answer.ts';

/** A series as windows have it. */
export interface WindowSeries {
  readonly floats: WindowFloats;
  readonly histograms: readonly Histogram[];
}

/**
 * One series of its windows and its samples. Samples inside of a segment are left out: what they tell, windows tell already.
 * What lies outside of `range` is left out, too.
 */
export function joinWindows(
  windows: WindowSeries,
  samples: SeriesColumns,
  segments: readonly Segment[],
  range: TimeRange,
): Omit<Series, 'labels'> {
  const columns = joinFloats(windows.floats, samples.floats, segments, range);
  const histograms = joinHistograms(windows.histograms, samples.histograms?.histograms ?? [], segments, range);
  const { timestamps, values, startTimestamps, counts, falls } = columns;
  const downsampled: Downsampled = { segments, ...(counts && { counts }), ...(falls && { falls }) };
  return {
    floats: startTimestamps === undefined ? { timestamps, values } : { timestamps, values, startTimestamps },
    ...(histograms && { histograms }),
    downsampled,
  };
}

/** Whether a time lies in a segment. */
export function isIn(segments: readonly Segment[], ms: number): boolean {
  return segments.some(({ after, upTo }) => ms > after && ms <= upTo);
}

function joinFloats(
  windows: WindowFloats,
  samples: FloatColumn,
  segments: readonly Segment[],
  { mint, maxt }: TimeRange,
): WindowFloats {
  const count = windows.timestamps.length;
  const timeOf = (i: number) => (i < count ? windows.timestamps[i] : samples.timestamps[i - count]) as number;
  const places: number[] = [];
  for (let i = 0; i < count + samples.timestamps.length; i++) {
    const time = timeOf(i);
    if (time >= mint && time <= maxt && (i < count || !isIn(segments, time))) places.push(i);
  }
  places.sort((a, b) => timeOf(a) - timeOf(b));
  const pick = (ofWindows: Float64Array | undefined, ofSamples: Float64Array | undefined, otherwise: number) => {
    const picked = new Float64Array(places.length);
    for (const [to, from] of places.entries()) {
      picked[to] = (from < count ? ofWindows?.[from] : ofSamples?.[from - count]) ?? otherwise;
    }
    return picked;
  };
  const { counts, falls } = windows;
  return {
    timestamps: pick(windows.timestamps, samples.timestamps, 0),
    values: pick(windows.values, samples.values, 0),
    ...(samples.startTimestamps && { startTimestamps: pick(undefined, samples.startTimestamps, 0) }),
    ...(counts && { counts: pick(counts, undefined, 1) }),
    ...(falls && {
      falls: {
        numbers: pick(falls.numbers, undefined, Number.NaN),
        amounts: pick(falls.amounts, undefined, Number.NaN),
      },
    }),
  };
}

function joinHistograms(
  windows: readonly Histogram[],
  samples: readonly Histogram[],
  segments: readonly Segment[],
  { mint, maxt }: TimeRange,
): Series['histograms'] {
  if (windows.length + samples.length === 0) return undefined;
  const builder = new SeriesBuilder();
  builder.pushHistograms(windows);
  builder.pushHistograms(samples.filter(({ timestamp }) => !isIn(segments, timestamp)));
  return builder.build(mint, maxt).histograms;
}
