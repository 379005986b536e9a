import { CUSTOM_BUCKETS_SCHEMA, type Histogram, type Span } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { Sample } from '../model/sample.ts';
import { InvalidSampleError } from './errors.ts';
import { AHEAD_MS } from './retention-window.ts';

/** Keys hold milliseconds in 13 digits: up to 2286-11-20. */
const END_OF_TIME_MS = 1e13;

/**
 * What no store can hold is refused before anything is written: samples without labels, times that are not whole
 * milliseconds since the epoch, and samples far ahead of `now` (ms), which readers would never look for.
 *
 * @throws InvalidSampleError
 */
export function checkSample(labels: Labels, sample: Pick<Sample, 'timestamp' | 'startTimestamp'>, now: number): void {
  const { timestamp, startTimestamp = 0 } = sample;
  if (labels.size === 0) throw new InvalidSampleError('cannot append a sample: its series has no labels');
  if (!isTime(timestamp)) refuse(labels, `timestamp ${timestamp} is not a whole number of milliseconds in [0, 1e13)`);
  if (!isTime(startTimestamp)) {
    refuse(labels, `start timestamp ${startTimestamp} is not a whole number of milliseconds in [0, 1e13)`);
  }
  if (timestamp > now + AHEAD_MS) {
    refuse(labels, `timestamp ${timestamp} is more than ${AHEAD_MS / 3600_000} h ahead of now, ${now}`);
  }
}

/** More buckets than this would not fit an item of the store. */
const MAX_BUCKETS = 20_000;

/**
 * The same for a histogram; one whose spans and buckets differ, or of a schema that no reader knows, is refused too.
 *
 * @throws InvalidSampleError
 */
export function checkHistogram(labels: Labels, histogram: Histogram, now: number): void {
  checkSample(labels, histogram, now);
  const { schema, isFloat, positiveSpans, negativeSpans } = histogram;
  const isExponential = Number.isInteger(schema) && schema >= -4 && schema <= 8;
  if (!isExponential && schema !== CUSTOM_BUCKETS_SCHEMA) refuse(labels, `unknown schema ${schema} of its histogram`);
  const [positive, negative] = isFloat
    ? [histogram.positiveCounts, histogram.negativeCounts]
    : [histogram.positiveDeltas, histogram.negativeDeltas];
  if (positive.length + negative.length + histogram.customValues.length > MAX_BUCKETS) {
    refuse(labels, `its histogram has more than ${MAX_BUCKETS} buckets`);
  }
  if (!holds(positiveSpans, positive) || !holds(negativeSpans, negative)) {
    refuse(labels, 'the spans of its histogram do not fit its buckets');
  }
}

function holds(spans: readonly Span[], buckets: readonly number[]): boolean {
  const isWhole = spans.every(({ offset, length }) => Number.isSafeInteger(offset) && Number.isSafeInteger(length));
  return isWhole && spans.reduce((sum, { length }) => sum + length, 0) === buckets.length;
}

function isTime(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < END_OF_TIME_MS;
}

function refuse(labels: Labels, cause: string): never {
  throw new InvalidSampleError(`cannot append a sample of ${labels}: ${cause}`);
}
