import type { TimeRange } from '../retention-window.ts';
import { SeriesBuilder } from '../series-builder.ts';
import { type ChunkRef, seriesOrder } from './manifest.ts';
import type { CatalogSeries } from './series-catalog.ts';
import type { StoredSamples } from './stored-samples.ts';

/** The ids of some series, ascending. */
interface Ids {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
}

/** The series that a query wants, sorted by id, each with what was found of it so far. */
export class WantedSeries {
  readonly series: readonly CatalogSeries[];
  readonly builders: readonly SeriesBuilder[];
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** Their places in chunks, ascending. */
  readonly #order: readonly string[];
  readonly #onSamples: (count: number) => void;

  /** `onSamples` is told of samples as they are found, each as often as it is stored. */
  constructor(series: readonly CatalogSeries[], onSamples: (count: number) => void = () => {}) {
    this.#onSamples = onSamples;
    this.series = [...series].sort((a, b) => (a.identity.id < b.identity.id ? -1 : 1));
    this.builders = this.series.map(() => new SeriesBuilder());
    this.#high = Uint32Array.from(this.series, ({ identity }) => identity.high);
    this.#low = Uint32Array.from(this.series, ({ identity }) => identity.low);
    this.#order = this.series
      .map(({ labels, identity }) => seriesOrder(labels.metricName, identity.id))
      .sort((a, b) => (a < b ? -1 : 1));
  }

  /** Whether a chunk can have any of them: whether one lies between its first and its last series. */
  mayBeIn({ first, last }: Pick<ChunkRef, 'first' | 'last'>): boolean {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#order[middle] as string) < first) low = middle + 1;
      else high = middle;
    }
    const next = this.#order[low];
    return next !== undefined && next <= last;
  }

  /** Takes over what is wanted of a block; `samples` is only called when that is something. `offset` is the place of the first id among the columns. */
  take(ids: Ids, samples: () => StoredSamples, { mint, maxt }: TimeRange, offset = 0): void {
    const places = [...this.#common(ids)];
    if (places.length === 0) return;
    const { push } = samples();
    let taken = 0;
    for (const [place, inBlock] of places) {
      taken += push(this.builders[place] as SeriesBuilder, offset + inBlock, mint, maxt);
    }
    this.#onSamples(taken);
  }

  /** Places of series that both this query and a block have; whichever has fewer is looked up in the other. */
  *#common({ idsHigh, idsLow }: Ids): Generator<[wanted: number, inBlock: number]> {
    if (this.#high.length <= idsHigh.length) {
      for (let i = 0; i < this.#high.length; i++) {
        const inBlock = placeOf(idsHigh, idsLow, this.#high[i] as number, this.#low[i] as number);
        if (inBlock >= 0) yield [i, inBlock];
      }
      return;
    }
    for (let i = 0; i < idsHigh.length; i++) {
      const wanted = placeOf(this.#high, this.#low, idsHigh[i] as number, idsLow[i] as number);
      if (wanted >= 0) yield [wanted, i];
    }
  }
}

/** Where an id stands among ascending ids; -1 where it does not. */
function placeOf(highs: Uint32Array, lows: Uint32Array, high: number, low: number): number {
  let [begin, end] = [0, highs.length];
  while (begin < end) {
    const middle = (begin + end) >>> 1;
    const order = (highs[middle] as number) - high || (lows[middle] as number) - low;
    if (order === 0) return middle;
    if (order < 0) begin = middle + 1;
    else end = middle;
  }
  return -1;
}
