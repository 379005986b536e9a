import type { Falls } from '../../storage/interface.ts';
import { isStartReset, startOverlaps } from './start-timestamps.ts';

/** A series of counter samples as its resets are found: values, times and start timestamps (ms, 0 unset). */
export interface CounterSamples {
  readonly timestamps: Float64Array;
  readonly floats: Float64Array;
  readonly startTimestamps?: Float64Array;
  /** Of downsampled counters. */
  readonly falls?: Falls;
}

/**
 * The counter resets of one series, found once. The increase over a window then looks at the resets inside it only, not
 * at every sample. Windows must move forward.
 */
export class CounterResets {
  readonly #floats: Float64Array;
  readonly #falls: Falls | undefined;
  /** Indexes of the samples that follow a reset, ascending. */
  readonly #resets: readonly number[];
  /** Indexes of the samples whose start timestamp contradicts the sample before, ascending. */
  readonly #overlaps: readonly number[];
  #next = 0;

  constructor({ timestamps, floats, startTimestamps, falls }: CounterSamples) {
    this.#floats = floats;
    this.#falls = falls;
    this.#resets =
      startTimestamps === undefined && falls === undefined
        ? fallsIn(floats)
        : resetsByStart(timestamps, floats, startTimestamps, falls);
    this.#overlaps = startTimestamps === undefined ? NONE : overlapsIn(timestamps, startTimestamps);
  }

  /** The increase from sample `first` to sample `last - 1`: at a reset the counter began anew from zero. */
  increase(first: number, last: number): number {
    const floats = this.#floats;
    let increase = (floats[last - 1] as number) - (floats[first] as number);
    if (this.#resets.length === 0) return increase;
    this.#seek(first);
    for (let k = this.#next; k < this.#resets.length; k++) {
      const reset = this.#resets[k] as number;
      if (reset >= last) break;
      increase += this.#fallenFrom(reset);
    }
    return increase;
  }

  /** What the counter had reached before a reset, or before several that were downsampled. */
  #fallenFrom(reset: number): number {
    const amount = this.#falls?.amounts[reset] ?? Number.NaN;
    return Number.isNaN(amount) ? (this.#floats[reset - 1] as number) : amount;
  }

  /** Whether a start timestamp in `(first, last)` contradicts the sample before it. */
  overlapsIn(first: number, last: number): boolean {
    return this.#overlaps.some((index) => index > first && index < last);
  }

  /** Skips the resets at or before sample `first`, going back only where the window did. */
  #seek(first: number): void {
    if (this.#next > 0 && (this.#resets[this.#next - 1] as number) > first) this.#next = 0;
    while (this.#next < this.#resets.length && (this.#resets[this.#next] as number) <= first) this.#next++;
  }
}

const NONE: readonly number[] = [];

function fallsIn(floats: Float64Array): readonly number[] {
  let falls: number[] | undefined;
  for (let i = 1; i < floats.length; i++) {
    if ((floats[i] as number) < (floats[i - 1] as number)) {
      falls ??= [];
      falls.push(i);
    }
  }
  return falls ?? NONE;
}

/** How often a downsampled series fell before sample `i`; undefined where the two samples tell it themselves. */
export function fallsBefore(falls: Falls | undefined, i: number): number | undefined {
  const number = falls?.numbers[i] ?? Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}

/** Where the value falls, or fell before it was downsampled, or the start timestamp shows that the counter began anew. */
function resetsByStart(
  timestamps: Float64Array,
  floats: Float64Array,
  starts: Float64Array | undefined,
  falls: Falls | undefined,
): readonly number[] {
  return indexesWhere(floats.length, (i) => {
    const number = fallsBefore(falls, i);
    if (number !== undefined) return number > 0;
    if ((floats[i] as number) < (floats[i - 1] as number)) return true;
    if (starts === undefined) return false;
    return isStartReset(
      starts[i - 1] as number,
      timestamps[i - 1] as number,
      starts[i] as number,
      timestamps[i] as number,
    );
  });
}

function overlapsIn(timestamps: Float64Array, starts: Float64Array): readonly number[] {
  return indexesWhere(starts.length, (i) =>
    startOverlaps(starts[i - 1] as number, timestamps[i - 1] as number, starts[i] as number),
  );
}

/** Those from 1 on: a sample is compared with the one before it. */
function indexesWhere(length: number, holds: (index: number) => boolean): number[] {
  const indexes: number[] = [];
  for (let i = 1; i < length; i++) if (holds(i)) indexes.push(i);
  return indexes;
}
