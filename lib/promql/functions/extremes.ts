import type { FunctionImplementation } from '../function-call.ts';
import { informHistogramsIgnored } from './annotate.ts';
import { mapRange, type StepEvaluation } from './range-series.ts';

/** The least and greatest float of each window, or its time (the last one's where several tie). */
export const EXTREME_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['max_over_time', extreme(1, 'value')],
  ['min_over_time', extreme(-1, 'value')],
  ['ts_of_max_over_time', extreme(1, 'time')],
  ['ts_of_min_over_time', extreme(-1, 'time')],
]);

function extreme(sign: 1 | -1, result: 'value' | 'time'): FunctionImplementation {
  return (call) =>
    mapRange(call, 0, ({ series }) => {
      const candidates = new CandidateQueue(series.floats, sign);
      const results = result === 'value' ? series.floats : series.timestamps;
      const scale = result === 'value' ? 1 : 1000;
      const evaluate: StepEvaluation = (cursor, step) => {
        const { floatWindow, column } = cursor;
        if (floatWindow.size === 0) return;
        informHistogramsIgnored(cursor);
        // All NaN: the last of them stands for the window.
        const best = candidates.best(floatWindow.first, floatWindow.last) ?? floatWindow.last - 1;
        column.setFloat(step, (results[best] as number) / scale);
      };
      return evaluate;
    });
}

/**
 * Indexes of samples that may still become the extreme of a window that slides forward: each better than all behind
 * it. Every sample enters and leaves once, so a whole grid costs one pass whatever the windows' size.
 */
class CandidateQueue {
  readonly #values: Float64Array;
  readonly #sign: 1 | -1;
  readonly #queue: Int32Array;
  #head = 0;
  #tail = 0;
  #seen = 0;

  constructor(values: Float64Array, sign: 1 | -1) {
    this.#values = values;
    this.#sign = sign;
    this.#queue = new Int32Array(values.length);
  }

  /** The index of the extreme in `[first, last)`, NaN left out; undefined where all are NaN. */
  best(first: number, last: number): number | undefined {
    if (last < this.#seen) this.#restart();
    for (; this.#seen < last; this.#seen++) this.#enter(this.#seen);
    while (this.#head < this.#tail && (this.#queue[this.#head] as number) < first) this.#head++;
    return this.#head < this.#tail ? this.#queue[this.#head] : undefined;
  }

  #enter(index: number): void {
    const value = (this.#values[index] as number) * this.#sign;
    if (Number.isNaN(value)) return;
    while (this.#tail > this.#head && this.#valueAt(this.#tail - 1) <= value) this.#tail--;
    this.#queue[this.#tail++] = index;
  }

  #valueAt(position: number): number {
    return (this.#values[this.#queue[position] as number] as number) * this.#sign;
  }

  #restart(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#seen = 0;
  }
}
