import type { Histogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { Sample } from '../../model/sample.ts';
import { SeriesCollisionError } from '../errors.ts';
import { SeriesBuilder, type SeriesColumns } from '../series-builder.ts';
import { type FloatBatch, newBatch } from './float-batch.ts';
import { SampleLog } from './sample-log.ts';
import type { WrittenSeries, WrittenSeriesMemo } from './written-series.ts';

/** A series with histograms, and the floats that came beside them. */
export interface MixedSeries {
  readonly series: WrittenSeries;
  readonly identity: WrittenSeries['identity'];
  readonly columns: SeriesColumns;
}

/** What a commit writes, each part in the order of the series' ids. */
export interface BuiltBatch {
  readonly floats: FloatBatch<WrittenSeries>;
  readonly mixed: readonly MixedSeries[];
}

/** Gathers the samples of one commit. */
export class PendingBatch {
  readonly #memo: WrittenSeriesMemo;
  /** By number. */
  readonly #series: WrittenSeries[] = [];
  /** Series that were met first in this batch, by key of their labels. */
  readonly #strangers = new Map<string, WrittenSeries>();
  /** What series know this batch by: they outlive it, and must not keep its samples. */
  readonly #token = {};
  readonly #log = new SampleLog();
  /** By number of the series. */
  readonly #histograms = new Map<number, Histogram[]>();
  #samples = 0;

  constructor(memo: WrittenSeriesMemo) {
    this.#memo = memo;
  }

  /** Samples so far, of both kinds. */
  get samples(): number {
    return this.#samples;
  }

  append(labels: Labels, sample: Sample): void {
    this.#log.push(this.#numberOf(labels), sample);
    this.#samples++;
  }

  appendHistogram(labels: Labels, histogram: Histogram): void {
    this.#histogramsOf(this.#numberOf(labels)).push(histogram);
    this.#samples++;
  }

  /** @throws SeriesCollisionError when two series of the batch share an id. */
  build(): BuiltBatch {
    const sorted = orderById(this.#series);
    const order = sorted.hasTies ? this.#unite(sorted.order) : sorted.order;
    const isMixed = (number: number) => this.#histograms.has(number);
    const ofFloats = this.#histograms.size === 0 ? order : order.filter((number) => !isMixed(number));
    const { offsets, ...columns } = this.#log.columns(ofFloats, this.#series.length);
    const series = Array.from(ofFloats, (number) => this.#series[number] as WrittenSeries);
    return {
      floats: newBatch(series, offsets, columns),
      mixed: Array.from(order.filter(isMixed), (number) => this.#mixed(number)),
    };
  }

  #numberOf(labels: Labels): number {
    let series = this.#memo.get(labels) ?? this.#strangers.get(labels.key);
    if (series === undefined) {
      series = this.#memo.add(labels);
      this.#strangers.set(labels.key, series);
    }
    if (series.batch !== this.#token) {
      series.batch = this.#token;
      series.number = this.#series.push(series) - 1;
    }
    return series.number;
  }

  #histogramsOf(number: number): Histogram[] {
    let histograms = this.#histograms.get(number);
    if (histograms === undefined) {
      histograms = [];
      this.#histograms.set(number, histograms);
    }
    return histograms;
  }

  /** Numbers in the order of ids, one for each series: labels that came in several objects are one series. */
  #unite(order: Uint32Array): Uint32Array {
    let first = -1;
    let hasTwins = false;
    const united = order.filter((number) => {
      const [series, previous] = [this.#series[number] as WrittenSeries, this.#series[first]];
      const isTwin = previous !== undefined && isSameId(previous, series);
      if (!isTwin) {
        first = number;
        return true;
      }
      refuseCollision(previous, series);
      this.#log.renumber(number, first);
      const histograms = this.#histograms.get(number);
      if (histograms !== undefined) this.#histogramsOf(first).push(...histograms);
      hasTwins = true;
      return false;
    });
    return hasTwins ? united : order;
  }

  #mixed(number: number): MixedSeries {
    const builder = new SeriesBuilder();
    for (const sample of this.#log.of(number)) builder.push(sample);
    for (const histogram of this.#histogramsOf(number)) builder.pushHistogram(histogram);
    const series = this.#series[number] as WrittenSeries;
    return { series, identity: series.identity, columns: builder.build() };
  }
}

/** Numbers are exact up to 53 bits: half of an id and a number this small fit into one. */
const MAX_NUMBER = 2 ** 21;

/**
 * The numbers of series in the order of their ids, and whether any agree in the upper half of it. Sorting plain numbers is
 * many times faster than comparing series.
 */
function orderById(series: readonly WrittenSeries[]): { readonly order: Uint32Array; readonly hasTies: boolean } {
  if (series.length > MAX_NUMBER) throw new Error(`BUG: a commit of ${series.length} series`);
  const keys = new Float64Array(series.length);
  for (const [number, { identity }] of series.entries()) keys[number] = identity.high * MAX_NUMBER + number;
  keys.sort();
  const order = new Uint32Array(series.length);
  let [hasTies, previous] = [false, -1];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const high = Math.floor(key / MAX_NUMBER);
    order[i] = key - high * MAX_NUMBER;
    if (high === previous) hasTies = true;
    previous = high;
  }
  return { order: hasTies ? breakTies(order, series) : order, hasTies };
}

/** Those that agree in the upper half are few, and stand together: only they are compared. */
function breakTies(order: Uint32Array, series: readonly WrittenSeries[]): Uint32Array {
  const identityAt = (place: number) => (series[order[place] as number] as WrittenSeries).identity;
  for (let i = 1; i < order.length; i++) {
    const number = order[i] as number;
    const { high, low } = identityAt(i);
    let place = i;
    for (; place > 0 && identityAt(place - 1).high === high && identityAt(place - 1).low > low; place--) {
      order[place] = order[place - 1] as number;
    }
    order[place] = number;
  }
  return order;
}

function isSameId(a: WrittenSeries, b: WrittenSeries): boolean {
  return a.identity.low === b.identity.low && a.identity.high === b.identity.high;
}

function refuseCollision(a: WrittenSeries, b: WrittenSeries): void {
  if (a.labels.equals(b.labels)) return;
  throw new SeriesCollisionError(`cannot write series ${a.identity.id}: ${a.labels} and ${b.labels} share this id`);
}
