import type { SampleColumns } from '../../chunkenc/sample-block.ts';
import { countOf, SeriesBuilder, type SeriesColumns } from '../series-builder.ts';
import type { ChunkSeries } from './build-chunks.ts';
import { scatterFloats } from './scatter-floats.ts';
import { SeriesPlaces } from './series-places.ts';
import { type NamedSeries, sortSeries } from './sort-series.ts';
import { openAnyChunk, openBlock, type StoredSamples } from './stored-samples.ts';

/** Floats of one block or chunk, and the places of its series among those gathered. */
export interface PlacedFloats {
  readonly columns: SampleColumns;
  readonly places: Uint32Array;
}

/**
 * The samples of one bucket that a compaction puts together, from blocks and chunks in any order. Floats stay in the
 * columns they were decoded to until all are there: only then is it known how much room each series needs.
 */
export class GatheredSeries {
  readonly #places = new SeriesPlaces();
  /** By place; a hole where only blocks had the series: those do not tell. */
  readonly #metrics: (string | undefined)[] = [];
  readonly #floats: PlacedFloats[] = [];
  /** By place: series that have histograms. */
  readonly #histograms = new Map<number, SeriesBuilder>();

  /** Takes over a block of either kind; returns how many samples it has, and what they weigh. */
  addBlock(payload: Uint8Array): Pick<StoredSamples, 'count' | 'weight'> {
    const { idsHigh, idsLow, samples } = openBlock(payload);
    const read = samples();
    this.#add(read, this.#places.placesOf(idsHigh, idsLow));
    return read;
  }

  addChunk(payload: Uint8Array): void {
    const { groups, samples } = openAnyChunk(payload);
    const places = new Uint32Array(groups.reduce((sum, { idsHigh }) => sum + idsHigh.length, 0));
    let next = 0;
    for (const { metric, idsHigh, idsLow } of groups) {
      const found = this.#places.placesOf(idsHigh, idsLow);
      for (const place of found) this.#metrics[place] = metric;
      places.set(found, next);
      next += found.length;
    }
    this.#add(samples(), places);
  }

  /**
   * All series with samples from `oldest` (ms) on, in the order of chunks; every timestamp once. `metricOf` tells the
   * metric of a series that no chunk had.
   */
  build(oldest: number, metricOf: (high: number, low: number) => string): ChunkSeries[] {
    const { alive, expired } = this.#identified(oldest, metricOf);
    const ordered = sortSeries(alive);
    const order = Uint32Array.from([...ordered.map(({ place }) => place), ...expired]);
    const floats = scatterFloats(order, this.#floats, oldest);
    const series: ChunkSeries[] = [];
    for (const { identity, metric, place } of ordered) {
      const columns = this.#columnsOf(place, { floats: floats(place) }, oldest);
      if (countOf(columns) > 0) series.push({ identity, metric, columns });
    }
    return series;
  }

  /** Series by ascending id, and places of those without samples from `oldest` on: their labels may have expired, too. */
  #identified(oldest: number, metricOf: (high: number, low: number) => string) {
    const isAlive = this.#isAlive(oldest);
    const alive: PlacedSeries[] = [];
    const expired: number[] = [];
    this.#places.forEach((high, low, place) => {
      if (isAlive[place] === 0) expired.push(place);
      else
        alive.push({ identity: new PackedId(high, low), metric: this.#metrics[place] ?? metricOf(high, low), place });
    });
    return { alive, expired };
  }

  /** By place: 1 for series with a sample from `oldest` (ms) on. */
  #isAlive(oldest: number): Uint8Array {
    const isAlive = new Uint8Array(this.#places.size);
    for (const { columns, places } of this.#floats) {
      for (let i = 0; i < places.length; i++) {
        const end = columns.offsets[i + 1] as number;
        const isEmpty = end === columns.offsets[i];
        if (!isEmpty && (columns.timestamps[end - 1] as number) >= oldest) isAlive[places[i] as number] = 1;
      }
    }
    for (const [place, builder] of this.#histograms) {
      if (builder.has(oldest, Number.POSITIVE_INFINITY)) isAlive[place] = 1;
    }
    return isAlive;
  }

  #columnsOf(place: number, floats: SeriesColumns, oldest: number): SeriesColumns {
    const builder = this.#histograms.get(place);
    if (builder === undefined) return floats;
    builder.pushSeries(floats);
    return builder.build(oldest);
  }

  #add(read: StoredSamples, places: Uint32Array): void {
    if (read.floats !== undefined) {
      this.#floats.push({ columns: read.floats, places });
      return;
    }
    for (const [i, place] of places.entries()) {
      const builder = this.#histograms.get(place) ?? new SeriesBuilder();
      this.#histograms.set(place, builder);
      read.push(builder, i);
    }
  }
}

/** An id whose digits are wanted of few: the first and the last series of a chunk. */
class PackedId {
  readonly high: number;
  readonly low: number;

  constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }

  get id(): string {
    return hex(this.high) + hex(this.low);
  }
}

interface PlacedSeries extends NamedSeries {
  readonly place: number;
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
