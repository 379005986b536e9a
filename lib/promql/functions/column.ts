import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { ABSENT, FLOAT, HISTOGRAM, type VectorSeries } from '../value.ts';

/** One result series while it is filled, step by step. */
export class Column {
  readonly kinds: Uint8Array;
  readonly floats: Float64Array;
  #histograms: (FloatHistogram | undefined)[] | undefined;
  #filled = false;

  constructor(length: number) {
    this.kinds = new Uint8Array(length);
    this.floats = new Float64Array(length);
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
