import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { ABSENT, FLOAT, HISTOGRAM, type VectorSeries } from '../value.ts';

/** One result series while it is filled, step by step. */
export class Column {
  readonly kinds: Uint8Array;
  readonly floats: Float64Array;
  #histograms: (FloatHistogram | undefined)[] | undefined;
  #filled = false;

  /** The arrays are zeroed and belong to the column from then on. */
  constructor(
    length: number,
    kinds: Uint8Array = new Uint8Array(length),
    floats: Float64Array = new Float64Array(length),
  ) {
    this.kinds = kinds;
    this.floats = floats;
  }

  setFloat(step: number, value: number): void {
    this.kinds[step] = FLOAT;
    this.floats[step] = value;
    this.#filled = true;
  }

  setHistogram(step: number, histogram: FloatHistogram): void {
    this.#histograms ??= new Array(this.kinds.length).fill(undefined);
    this.kinds[step] = HISTOGRAM;
    this.#histograms[step] = histogram;
    this.#filled = true;
  }

  /** As many series as there are to tell of: one, or none where no step has a value. */
  toSeries(labels: Labels, dropName: boolean): VectorSeries[] {
    const series = this.series(labels, dropName);
    return series === undefined ? [] : [series];
  }

  /** The series, or nothing where no step has a value. */
  series(labels: Labels, dropName: boolean): VectorSeries | undefined {
    if (!this.#filled) return undefined;
    const { kinds, floats } = this;
    return this.#histograms === undefined
      ? { labels, dropName, kinds, floats }
      : { labels, dropName, kinds, floats, histograms: this.#histograms };
  }
}

/**
 * Columns of many series side by side in large buffers: thousands of small ones cost more to allocate and to free than
 * to fill.
 */
export class ColumnBlock {
  readonly #perBuffer: number;
  readonly #length: number;
  #kinds = new Uint8Array(0);
  #floats = new Float64Array(0);
  #used: number;

  /** For some `count` columns, or more; buffers are made as they are needed. */
  constructor(count: number, length: number) {
    this.#perBuffer = Math.max(1, Math.min(count, MAX_COLUMNS_PER_BUFFER));
    this.#length = length;
    this.#used = this.#perBuffer;
  }

  next(): Column {
    const length = this.#length;
    if (this.#used === this.#perBuffer) {
      this.#kinds = new Uint8Array(this.#perBuffer * length);
      this.#floats = new Float64Array(this.#perBuffer * length);
      this.#used = 0;
    }
    const from = this.#used * length;
    this.#used++;
    return new Column(length, this.#kinds.subarray(from, from + length), this.#floats.subarray(from, from + length));
  }
}

/** A join that finds no partners need not pay for all that it might have found. */
const MAX_COLUMNS_PER_BUFFER = 1024;

/** The histogram at a step that `kinds` marks as one. */
export function histogramAt(series: VectorSeries, step: number): FloatHistogram {
  const histogram = series.histograms?.[step];
  if (histogram === undefined) throw new Error(`BUG: ${series.labels} has no histogram at step ${step}`);
  return histogram;
}

/** Whether the series has a value at the step. */
export function isPresent(series: VectorSeries, step: number): boolean {
  return series.kinds[step] !== ABSENT;
}
