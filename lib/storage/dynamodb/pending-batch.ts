import type { Histogram } from '../../model/histogram.ts';
import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Sample } from '../../model/sample.ts';
import type { RefusedSeries } from '../interface.ts';
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
  /** Series that are left out, because others of the batch have their ids. */
  readonly collisions: readonly RefusedSeries[];
}

const INITIAL_SERIES = 256;

/** Gathers the samples of one commit. */
export class PendingBatch {
  readonly #memo: WrittenSeriesMemo;
  /** By number; and their ids, which are read one after the other here, not from all over the memory. */
  readonly #series: WrittenSeries[] = [];
  #idsHigh = new Uint32Array(INITIAL_SERIES);
  #idsLow = new Uint32Array(INITIAL_SERIES);
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

  /**
   * Of series that share an id one is built, the first in the order of labels, whatever order they came in. May be called
   * again, to leave out more.
   *
   * @param without keys of labels that are left out.
   */
  build(without: ReadonlySet<string> = new Set()): BuiltBatch {
    const sorted = orderById(this.#series, this.#idsHigh);
    const wanted = without.size === 0 ? sorted.order : this.#leaveOut(sorted.order, without);
    const { order, collisions } = sorted.hasTies ? this.#unite(wanted) : { order: wanted, collisions: [] };
    const isMixed = (number: number) => this.#histograms.has(number);
    const ofFloats = this.#histograms.size === 0 ? order : order.filter((number) => !isMixed(number));
    return {
      floats: newBatch({
        series: Array.from(ofFloats, (number) => this.#series[number] as WrittenSeries),
        idsHigh: ofFloats.map((number) => this.#idsHigh[number] as number),
        idsLow: ofFloats.map((number) => this.#idsLow[number] as number),
        ...this.#log.columns(ofFloats, this.#series.length),
      }),
      mixed: this.#mixed(order.filter(isMixed)),
      collisions,
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
      series.number = this.#enlist(series);
    }
    return series.number;
  }

  #enlist(series: WrittenSeries): number {
    const number = this.#series.push(series) - 1;
    if (number === this.#idsHigh.length) {
      this.#idsHigh = doubled(this.#idsHigh);
      this.#idsLow = doubled(this.#idsLow);
    }
    this.#idsHigh[number] = series.identity.high;
    this.#idsLow[number] = series.identity.low;
    return number;
  }

  #histogramsOf(number: number): Histogram[] {
    let histograms = this.#histograms.get(number);
    if (histograms === undefined) {
      histograms = [];
      this.#histograms.set(number, histograms);
    }
    return histograms;
  }

  #leaveOut(order: Uint32Array, without: ReadonlySet<string>): Uint32Array {
    return order.filter((number) => !without.has((this.#series[number] as WrittenSeries).labels.key));
  }

  /** Numbers in the order of ids, one for each series: labels that came in several objects are one series. */
  #unite(order: Uint32Array): Pick<BuiltBatch, 'collisions'> & { readonly order: Uint32Array } {
    const collisions = new Map<string, RefusedSeries>();
    let first = -1;
    let hasTwins = false;
    const united = order.filter((number) => {
      const [series, previous] = [this.#series[number] as WrittenSeries, this.#series[first]];
      const isTwin = previous !== undefined && isSameId(previous, series);
      if (!isTwin) {
        first = number;
        return true;
      }
      hasTwins = true;
      if (series.labels.equals(previous.labels)) this.#merge(number, first);
      else collisions.set(series.labels.key, collision(series, `${previous.labels}, of the same commit, has it`));
      return false;
    });
    return { order: hasTwins ? united : order, collisions: [...collisions.values()] };
  }

  #merge(number: number, into: number): void {
    this.#log.renumber(number, into);
    const histograms = this.#histograms.get(number);
    if (histograms === undefined) return;
    this.#histogramsOf(into).push(...histograms);
    this.#histograms.delete(number);
  }

  #mixed(order: Uint32Array): MixedSeries[] {
    const builders = new Map<number, SeriesBuilder>();
    for (const number of order) {
      const builder = new SeriesBuilder();
      for (const histogram of this.#histogramsOf(number)) builder.pushHistogram(histogram);
      builders.set(number, builder);
    }
    this.#log.pushTo(builders);
    return [...builders].map(([number, builder]) => {
      const series = this.#series[number] as WrittenSeries;
      return { series, identity: series.identity, columns: builder.build() };
    });
  }
}

/** Numbers are exact up to 53 bits: half of an id and a number this small fit into one. */
const MAX_NUMBER = 2 ** 21;

/**
 * The numbers of series in the order of their ids, and whether any agree in the upper half of it. Sorting plain numbers is
 * many times faster than comparing series.
 */
function orderById(
  series: readonly WrittenSeries[],
  idsHigh: Uint32Array,
): { readonly order: Uint32Array; readonly hasTies: boolean } {
  if (series.length > MAX_NUMBER) throw new Error(`BUG: a commit of ${series.length} series`);
  const keys = new Float64Array(series.length);
  for (let i = 0; i < keys.length; i++) keys[i] = (idsHigh[i] as number) * MAX_NUMBER + i;
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
  const at = (place: number) => series[order[place] as number] as WrittenSeries;
  for (let i = 1; i < order.length; i++) {
    const number = order[i] as number;
    const moved = at(i);
    let place = i;
    for (; place > 0 && isTieAbove(at(place - 1), moved); place--) {
      order[place] = order[place - 1] as number;
    }
    order[place] = number;
  }
  return order;
}

function isSameId(a: WrittenSeries, b: WrittenSeries): boolean {
  return a.identity.low === b.identity.low && a.identity.high === b.identity.high;
}

/** Whether `a` comes after `b`, where they agree in the upper half. */
function isTieAbove(a: WrittenSeries, b: WrittenSeries): boolean {
  if (a.identity.high !== b.identity.high) return false;
  if (a.identity.low !== b.identity.low) return a.identity.low > b.identity.low;
  return compareLabels(a.labels, b.labels) > 0;
}

/** A series whose id is another one's. */
export function collision({ labels, identity }: WrittenSeries, whose: string): RefusedSeries {
  return { labels, reason: 'id_collision', detail: `${labels} would be stored as ${identity.id}, but ${whose}` };
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
