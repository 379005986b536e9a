import { countOf, SeriesBuilder } from '../series-builder.ts';
import type { ChunkSeries } from './build-chunks.ts';
import { seriesOrder } from './manifest.ts';
import { SeriesMap } from './series-map.ts';
import { openAnyChunk, openBlock, type StoredSamples } from './stored-samples.ts';

interface Gathered {
  readonly high: number;
  readonly low: number;
  /** Absent where only blocks had it: those do not tell. */
  readonly metric: string | undefined;
  readonly builder: SeriesBuilder;
}

/** The samples of one bucket that a compaction puts together, from blocks and chunks in any order. */
export class GatheredSeries {
  readonly #series = new SeriesMap<Gathered>();

  /** Takes over a block of either kind; returns how many samples it has, and what they weigh. */
  addBlock(payload: Uint8Array): Pick<StoredSamples, 'count' | 'weight'> {
    const { idsHigh, idsLow, samples } = openBlock(payload);
    const read = samples();
    for (let i = 0; i < idsHigh.length; i++) {
      const [high, low] = [idsHigh[i] as number, idsLow[i] as number];
      const { builder } = this.#series.get(high, low) ?? this.#add(high, low, undefined);
      read.push(builder, i);
    }
    return read;
  }

  addChunk(payload: Uint8Array): void {
    const { groups, samples } = openAnyChunk(payload);
    const read = samples();
    let place = 0;
    for (const { metric, idsHigh, idsLow } of groups) {
      for (let i = 0; i < idsHigh.length; i++, place++) {
        const [high, low] = [idsHigh[i] as number, idsLow[i] as number];
        const { builder } = this.#series.get(high, low) ?? this.#add(high, low, metric);
        read.push(builder, place);
      }
    }
  }

  /**
   * All series with samples from `oldest` (ms) on, in the order of chunks; every timestamp once. `metricOf` tells the
   * metric of a series that no chunk had.
   */
  build(oldest: number, metricOf: (high: number, low: number) => string): ChunkSeries[] {
    const series: (ChunkSeries & { readonly order: string })[] = [];
    for (const { high, low, builder, metric: known } of this.#series.values()) {
      const columns = builder.build(oldest);
      if (countOf(columns) === 0) continue;
      const metric = known ?? metricOf(high, low);
      const id = hex(high) + hex(low);
      series.push({ identity: { id, high, low }, metric, columns, order: seriesOrder(metric, id) });
    }
    return series.sort((a, b) => (a.order < b.order ? -1 : 1));
  }

  #add(high: number, low: number, metric: string | undefined): Gathered {
    const gathered = { high, low, metric, builder: new SeriesBuilder() };
    this.#series.add(high, low, gathered);
    return gathered;
  }
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
