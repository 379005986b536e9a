import type { ChunkRef } from '../manifest.ts';
import { weightOf } from '../manifest.ts';

/** A chunk of samples that windows are made of. */
export interface SourceChunk {
  /** Start of its bucket, ms. */
  readonly bucket: number;
  readonly ref: ChunkRef;
}

/** All chunks that have any of the series in (after, through], in the order of `seriesOrder`. */
export interface SourceSlice {
  readonly chunks: readonly SourceChunk[];
  readonly after: string;
  readonly through: string;
  /** No series comes after. */
  readonly isLast: boolean;
}

/** The next series of a day, so many that their chunks weigh at most `maxWeight` floats, or else as few as there can be. */
export function nextSlice(all: readonly SourceChunk[], after: string, maxWeight: number): SourceSlice {
  const rest = all.filter(({ ref }) => ref.last > after);
  const byFirst = rest.toSorted((a, b) => compareTexts(a.ref.first, b.ref.first));
  const ends = [...new Set(rest.map(({ ref }) => ref.last))].sort(compareTexts);
  let [taken, weight, through] = [0, 0, ends[0] ?? after];
  for (const end of ends) {
    let next = taken;
    for (; next < byFirst.length; next++) {
      const { ref } = byFirst[next] as SourceChunk;
      if (ref.first > end) break;
      weight += weightOf([ref]);
    }
    if (weight > maxWeight && taken > 0) break;
    [taken, through] = [next, end];
  }
  return { chunks: byFirst.slice(0, taken), after, through, isLast: through === (ends.at(-1) ?? after) };
}

/** By UTF-16 units, as everywhere in manifests. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
