import type { FloatHistogram } from '../float-histogram.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import { histogramsEqual } from '../histogram/equals.ts';
import type { RangeSeries, VectorValue } from '../value.ts';
import { matrixArgument } from './arguments.ts';
import { Column } from './column.ts';
import { fallsBefore } from './counter-resets.ts';
import { DEFAULT_LOOKBACK } from './range-series.ts';
import { isStartReset } from './start-timestamps.ts';
import { Window } from './window.ts';

/** What is counted between two neighbouring samples. */
interface Transition {
  ofFloats(previous: number, current: number): boolean;
  ofHistograms(previous: FloatHistogram, current: FloatHistogram): boolean;
  /** A start timestamp that shows a counter reset counts as well. */
  readonly seesStarts: boolean;
  /** Falls that were downsampled count as often as they happened. */
  readonly countsFalls: boolean;
}

/** The samples of a series in one sequence: counts of transitions up to each, and their times. */
interface Timeline {
  readonly timestamps: Float64Array;
  readonly upTo: Int32Array;
}

const CHANGE: Transition = {
  ofFloats: (previous, current) => previous !== current && !(Number.isNaN(previous) && Number.isNaN(current)),
  ofHistograms: (previous, current) => !histogramsEqual(current, previous),
  seesStarts: false,
  countsFalls: false,
};

const RESET: Transition = {
  ofFloats: (previous, current) => current < previous,
  ofHistograms: (previous, current) => detectReset(current, previous),
  seesStarts: true,
  countsFalls: true,
};

/** Counts of what happened between the samples of a window. A float next to a histogram always counts. */
export const CHANGE_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['changes', (call) => countTransitions(call, CHANGE)],
  ['resets', (call) => countTransitions(call, RESET)],
]);

/** Transitions are counted once for the whole series, so each window costs one subtraction. */
function countTransitions(call: FunctionCall, transition: Transition): VectorValue {
  const { series, ends, range, extension, lookbackDelta = DEFAULT_LOOKBACK } = matrixArgument(call, 0);
  const lookback = extension === undefined ? 0 : lookbackDelta;
  const result = series.flatMap((one) => {
    const hasHistograms = (one.histograms?.length ?? 0) > 0;
    const { timestamps, upTo } = hasHistograms ? mixedTimeline(one, transition) : floatTimeline(one, transition);
    const [reach, window] = [new Window(timestamps), new Window(timestamps)];
    const column = new Column(call.grid.length);
    for (let step = 0; step < call.grid.length; step++) {
      const end = ends[step] as number;
      reach.moveTo(end - range - lookback, end);
      window.moveTo(end - range, end);
      if (window.size === 0) continue;
      // An anchored window begins with the last sample before it.
      const first = extension === undefined ? window.first : Math.max(reach.first, window.first - 1);
      column.setFloat(step, (upTo[window.last - 1] as number) - (upTo[first] as number));
    }
    return column.toSeries(one.labels, true);
  });
  return { kind: 'vector', series: result };
}

function floatTimeline(series: RangeSeries, transition: Transition): Timeline {
  const { timestamps, floats, startTimestamps, falls } = series;
  const starts = transition.seesStarts ? startTimestamps : undefined;
  const upTo = new Int32Array(floats.length);
  for (let i = 1; i < floats.length; i++) {
    const happened =
      transition.ofFloats(floats[i - 1] as number, floats[i] as number) ||
      (starts !== undefined &&
        isStartReset(
          starts[i - 1] as number,
          timestamps[i - 1] as number,
          starts[i] as number,
          timestamps[i] as number,
        ));
    const downsampled = transition.countsFalls ? fallsBefore(falls, i) : undefined;
    upTo[i] = (upTo[i - 1] as number) + (downsampled ?? Number(happened));
  }
  return { timestamps, upTo };
}

interface Sample {
  readonly timestamp: number;
  readonly startTimestamp: number;
  readonly value: number | FloatHistogram;
}

function mixedTimeline(series: RangeSeries, transition: Transition): Timeline {
  const samples = mergedSamples(series);
  const upTo = new Int32Array(samples.length);
  for (let i = 1; i < samples.length; i++) {
    const happened = hasHappened(samples[i - 1] as Sample, samples[i] as Sample, transition);
    upTo[i] = (upTo[i - 1] as number) + Number(happened);
  }
  return { timestamps: Float64Array.from(samples, ({ timestamp }) => timestamp), upTo };
}

function mergedSamples(series: RangeSeries): Sample[] {
  const { timestamps, floats, startTimestamps, histogramTimestamps = [], histogramStartTimestamps } = series;
  const ofFloats = Array.from(timestamps, (timestamp, i) => ({
    timestamp,
    startTimestamp: startTimestamps?.[i] ?? 0,
    value: floats[i] as number,
  }));
  const ofHistograms = (series.histograms ?? []).map((histogram, i) => ({
    timestamp: histogramTimestamps[i] as number,
    startTimestamp: histogramStartTimestamps?.[i] ?? 0,
    value: histogram,
  }));
  return [...ofFloats, ...ofHistograms].sort((a, b) => a.timestamp - b.timestamp);
}

function hasHappened(previous: Sample, current: Sample, transition: Transition): boolean {
  const [before, after] = [previous.value, current.value];
  const bothFloats = typeof before === 'number' && typeof after === 'number';
  if (!bothFloats && (typeof before === 'number' || typeof after === 'number')) return true;
  const { seesStarts } = transition;
  if (
    seesStarts &&
    isStartReset(previous.startTimestamp, previous.timestamp, current.startTimestamp, current.timestamp)
  ) {
    return true;
  }
  return bothFloats
    ? transition.ofFloats(before, after)
    : transition.ofHistograms(before as FloatHistogram, after as FloatHistogram);
}
