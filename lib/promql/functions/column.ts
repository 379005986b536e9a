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

  /** The series, or nothing where no step has a value. */
  toSeries(labels: Labels, dropName: boolean): VectorSeries[] {
    if (!this.#filled) return [];
    const { kinds, floats } = this;
    return [
      this.#histograms === undefined
        ? { labels, dropName, kinds, floats }
        : { labels, dropName, kinds, floats, histograms: this.#histograms },
    ];
  }
}

/**
 * Columns of many series side by side in two buffers: thousands of small ones cost more to allocate and to free than to
 * fill.
 */
export class ColumnBlock {
  readonly #length: number;
  readonly #kinds: Uint8Array;
  readonly #floats: Float64Array;

  constructor(count: number, length: number) {
    this.#length = length;
    this.#kinds = new Uint8Array(count * length);
    this.#floats = new Float64Array(count * length);
  }

  /** The column of the `index`th series; each is handed out once. */
  column(index: number): Column {
    const [from, to] = [index * this.#length, (index + 1) * this.#length];
    return new Column(this.#length, this.#kinds.subarray(from, to), this.#floats.subarray(from, to));
  }
}

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
