import { openChunk } from '../../chunkenc/decode-chunk.ts';
import type { SampleBlock, SampleColumns } from '../../chunkenc/sample-block.ts';
import { FloatColumnBuilder } from '../float-column-builder.ts';
import type { ChunkSeries } from './build-chunks.ts';
import { sliceColumn } from './build-sample-blocks.ts';
import { seriesOrder } from './manifest.ts';
import { SeriesMap } from './series-map.ts';

interface Gathered {
  readonly high: number;
  readonly low: number;
  /** Absent where only blocks had it: those do not tell. */
  readonly metric: string | undefined;
  readonly builder: FloatColumnBuilder;
}

/** The samples of one bucket that a compaction puts together, from blocks and chunks in any order. */
export class GatheredSeries {
  readonly #series = new SeriesMap<Gathered>();

  addBlock({ idsHigh, idsLow, ...columns }: SampleBlock): void {
    for (let i = 0; i < idsHigh.length; i++) {
      const [high, low] = [idsHigh[i] as number, idsLow[i] as number];
      const { builder } = this.#series.get(high, low) ?? this.#add(high, low, undefined);
      push(builder, columns, i);
    }
  }

  addChunk(payload: Uint8Array): void {
    const { groups, samples } = openChunk(payload);
    const columns = samples();
    let place = 0;
    for (const { metric, idsHigh, idsLow } of groups) {
      for (let i = 0; i < idsHigh.length; i++, place++) {
        const [high, low] = [idsHigh[i] as number, idsLow[i] as number];
        const { builder } = this.#series.get(high, low) ?? this.#add(high, low, metric);
        push(builder, columns, place);
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
      const column = builder.build(oldest);
      if (column.timestamps.length === 0) continue;
      const metric = known ?? metricOf(high, low);
      const id = hex(high) + hex(low);
      series.push({ identity: { id, high, low }, metric, column, order: seriesOrder(metric, id) });
    }
    return series.sort((a, b) => (a.order < b.order ? -1 : 1));
  }

  #add(high: number, low: number, metric: string | undefined): Gathered {
    const gathered = { high, low, metric, builder: new FloatColumnBuilder() };
    this.#series.add(high, low, gathered);
    return gathered;
  }
}

function push(builder: FloatColumnBuilder, { offsets, ...columns }: SampleColumns, series: number): void {
  const column = sliceColumn(columns, offsets[series] as number, offsets[series + 1] as number);
  builder.pushColumn(column, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
