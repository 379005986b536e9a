import type { SampleColumns } from '../../chunkenc/sample-block.ts';
import { countOf, SeriesBuilder, type SeriesColumns } from '../series-builder.ts';
import type { ChunkSeries } from './build-chunks.ts';
import { scatterFloats } from './scatter-floats.ts';
import { SeriesMap } from './series-map.ts';
import { sortSeries } from './sort-series.ts';
import { openAnyChunk, openBlock, type StoredSamples } from './stored-samples.ts';

interface Gathered {
  readonly high: number;
  readonly low: number;
  /** Absent where only blocks had it: those do not tell. */
  readonly metric: string | undefined;
  readonly place: number;
}

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
  readonly #series: Gathered[] = [];
  readonly #byId = new SeriesMap<Gathered>();
  readonly #floats: PlacedFloats[] = [];
  /** By place: series that have histograms. */
  readonly #histograms = new Map<number, SeriesBuilder>();

  /** Takes over a block of either kind; returns how many samples it has, and what they weigh. */
  addBlock(payload: Uint8Array): Pick<StoredSamples, 'count' | 'weight'> {
    const { idsHigh, idsLow, samples } = openBlock(payload);
    const read = samples();
    const places = new Uint32Array(idsHigh.length);
    for (let i = 0; i < places.length; i++) {
      places[i] = this.#placeOf(idsHigh[i] as number, idsLow[i] as number, undefined);
    }
    this.#add(read, places);
    return read;
  }

  addChunk(payload: Uint8Array): void {
    const { groups, samples } = openAnyChunk(payload);
    const places = new Uint32Array(groups.reduce((sum, { idsHigh }) => sum + idsHigh.length, 0));
    let next = 0;
    for (const { metric, idsHigh, idsLow } of groups) {
      for (let i = 0; i < idsHigh.length; i++) {
        places[next++] = this.#placeOf(idsHigh[i] as number, idsLow[i] as number, metric);
      }
    }
    this.#add(samples(), places);
  }

  /**
   * All series with samples from `oldest` (ms) on, in the order of chunks; every timestamp once. `metricOf` tells the
   * metric of a series that no chunk had.
   */
  build(oldest: number, metricOf: (high: number, low: number) => string): ChunkSeries[] {
    const floats = scatterFloats(this.#series.length, this.#floats, oldest);
    const series: ChunkSeries[] = [];
    for (const { high, low, metric: known, place } of this.#series) {
      const columns = this.#columnsOf(place, { floats: floats(place) }, oldest);
      if (countOf(columns) === 0) continue;
      const id = hex(high) + hex(low);
      series.push({ identity: { id, high, low }, metric: known ?? metricOf(high, low), columns });
    }
    return sortSeries(series);
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

  #placeOf(high: number, low: number, metric: string | undefined): number {
    const known = this.#byId.get(high, low);
    if (known !== undefined) return known.place;
    const gathered = { high, low, metric, place: this.#series.length };
    this.#series.push(gathered);
    this.#byId.add(high, low, gathered);
    return gathered.place;
  }
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
