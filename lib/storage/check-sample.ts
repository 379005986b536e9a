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
export function checkSample(labels: Labels, sample: Sample, now: number): void {
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

function isTime(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < END_OF_TIME_MS;
}

function refuse(labels: Labels, cause: string): never {
  throw new InvalidSampleError(`cannot append a sample of ${labels}: ${cause}`);
}
