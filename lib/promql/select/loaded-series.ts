import type { Labels } from '../../model/labels.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import type { Downsampled, Series } from '../../storage/interface.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { toFloatHistogram } from '../histogram/convert.ts';
import type { RangeSeries } from '../value.ts';

const NO_TIMES = new Float64Array(0);
const NO_HISTOGRAMS: readonly FloatHistogram[] = [];

/** A series as the store gave it, stale markers included, its histograms in the engine's form. */
export interface LoadedSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly startTimestamps?: Float64Array;
  readonly histogramTimestamps: Float64Array;
  readonly histograms: readonly FloatHistogram[];
  readonly histogramStartTimestamps?: Float64Array;
  /** Of a series that is partly answered from windows. */
  readonly downsampled?: Downsampled;
}

export function loadSeries({ labels, floats, histograms, downsampled }: Series): LoadedSeries {
  const { timestamps, values, startTimestamps } = floats;
  if (histograms === undefined && startTimestamps === undefined && downsampled === undefined) {
    return { labels, timestamps, values, histogramTimestamps: NO_TIMES, histograms: NO_HISTOGRAMS };
  }
  const wire = histograms?.histograms ?? [];
  return {
    labels,
    timestamps,
    values,
    ...(startTimestamps && { startTimestamps }),
    ...(downsampled && { downsampled }),
    histogramTimestamps: histograms?.timestamps ?? NO_TIMES,
    histograms: wire.map(toFloatHistogram),
    ...(wire.some((histogram) => histogram.startTimestamp) && {
      histogramStartTimestamps: Float64Array.from(wire, (histogram) => histogram.startTimestamp ?? 0),
    }),
  };
}

/** The samples that a window sees: no stale markers. Shares the arrays of `series` where there are none. */
export function withoutStaleMarkers(series: LoadedSeries): RangeSeries {
  const { labels, timestamps, values, startTimestamps, histograms, downsampled } = series;
  const isPlain = histograms.length === 0 && startTimestamps === undefined && downsampled === undefined;
  if (isPlain && !holdsStaleMarker(values)) {
    return { labels, dropName: false, timestamps, floats: values };
  }
  const natives = histograms.length === 0 ? {} : withoutStaleHistograms(series);
  return { labels, dropName: false, ...withoutStaleFloats(series), ...natives };
}

function withoutStaleFloats({ timestamps, values, startTimestamps, downsampled }: LoadedSeries) {
  const kept = keptIndexes(values.length, (i) => isStaleNaN(values[i] as number));
  const pick = (column: Float64Array) => (kept === undefined ? column : Float64Array.from(kept, (i) => column[i] ?? 0));
  return {
    timestamps: pick(timestamps),
    floats: pick(values),
    ...(startTimestamps && { startTimestamps: pick(startTimestamps) }),
    ...(downsampled?.counts && { counts: pick(downsampled.counts) }),
    ...(downsampled?.falls && {
      falls: { numbers: pick(downsampled.falls.numbers), amounts: pick(downsampled.falls.amounts) },
    }),
  };
}

function withoutStaleHistograms({ histogramTimestamps, histograms, histogramStartTimestamps }: LoadedSeries) {
  const kept = keptIndexes(histograms.length, (i) => isStaleNaN(histograms[i]?.sum ?? 0));
  const pick = (column: Float64Array) => (kept === undefined ? column : Float64Array.from(kept, (i) => column[i] ?? 0));
  return {
    histogramTimestamps: pick(histogramTimestamps),
    histograms: kept === undefined ? histograms : kept.flatMap((i) => histograms[i] ?? []),
    ...(histogramStartTimestamps && { histogramStartTimestamps: pick(histogramStartTimestamps) }),
  };
}

/** The common case, looked at without a call for every sample. */
function holdsStaleMarker(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value) && isStaleNaN(value)) return true;
  }
  return false;
}

/** The indexes to keep, or undefined where all are. */
function keptIndexes(length: number, isStale: (i: number) => boolean): number[] | undefined {
  let stale = 0;
  for (let i = 0; i < length; i++) if (isStale(i)) stale++;
  if (stale === 0) return undefined;
  const kept: number[] = [];
  for (let i = 0; i < length; i++) if (!isStale(i)) kept.push(i);
  return kept;
}
