import type { FloatHistogram } from '../float-histogram.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import { histogramsEqual } from '../histogram/equals.ts';
import type { RangeSeries, VectorValue } from '../value.ts';
import { matrixArgument } from './arguments.ts';
import { Column } from './column.ts';
import { isStartReset } from './start-timestamps.ts';
import { Window } from './window.ts';

/** What a sample in the merged sequence of floats and histograms holds. */
interface Sample {
  readonly timestamp: number;
  readonly startTimestamp: number;
  readonly value: number | FloatHistogram;
}

type Transition = (previous: Sample, current: Sample) => boolean;

/** Counts of what happened between the samples of a window. A float next to a histogram always counts. */
export const CHANGE_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['changes', (call) => countTransitions(call, hasChanged)],
  ['resets', (call) => countTransitions(call, wasReset)],
]);

/** Transitions are counted once for the whole series, so each window costs one subtraction. */
function countTransitions(call: FunctionCall, happened: Transition): VectorValue {
  const { series, ends, range, extension, lookbackDelta = 300_000 } = matrixArgument(call, 0);
  const lookback = extension === undefined ? 0 : lookbackDelta;
  const result = series.flatMap((one) => {
    const samples = mergedSamples(one);
    const timestamps = Float64Array.from(samples, ({ timestamp }) => timestamp);
    const upTo = runningCount(samples, happened);
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

/** At i: the transitions from the first sample to sample i. */
function runningCount(samples: readonly Sample[], happened: Transition): Int32Array {
  const counts = new Int32Array(samples.length);
  for (let i = 1; i < samples.length; i++) {
    const transition = happened(samples[i - 1] as Sample, samples[i] as Sample);
    counts[i] = (counts[i - 1] as number) + Number(transition);
  }
  return counts;
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
  if (ofHistograms.length === 0) return ofFloats;
  return [...ofFloats, ...ofHistograms].sort((a, b) => a.timestamp - b.timestamp);
}

function hasChanged({ value: previous }: Sample, { value: current }: Sample): boolean {
  if (typeof previous === 'number' && typeof current === 'number') {
    return previous !== current && !(Number.isNaN(previous) && Number.isNaN(current));
  }
  if (typeof previous === 'number' || typeof current === 'number') return true;
  return !histogramsEqual(current, previous);
}

function wasReset(previous: Sample, current: Sample): boolean {
  const [before, after] = [previous.value, current.value];
  if (typeof before === 'number' && typeof after === 'number') return after < before || startsAnew(previous, current);
  if (typeof before === 'number' || typeof after === 'number') return true;
  return startsAnew(previous, current) || detectReset(after, before);
}

function startsAnew(previous: Sample, current: Sample): boolean {
  return isStartReset(previous.startTimestamp, previous.timestamp, current.startTimestamp, current.timestamp);
}
