import { type ChunkRef, runOf, weightOf } from './manifest.ts';

/**
 * Chunks of different runs that overlap, from the first such place on, up to a weight of `maxSamples` floats: what to merge next in a bucket
 * that is too large to be merged at once. Series before the first chunk left out are then in one chunk each, so calling
 * this again and again ends. Chunks of floats and of histograms do not overlap: they hold other samples of a series. Empty
 * when nothing overlaps.
 */
export function overlappingChunks(chunks: readonly ChunkRef[], maxSamples: number): ChunkRef[] {
  const floats = overlapping(
    chunks.filter(({ kind }) => kind === 'floats'),
    maxSamples,
  );
  if (floats.length > 0) return floats;
  return overlapping(
    chunks.filter(({ kind }) => kind === 'histograms'),
    maxSamples,
  );
}

function overlapping(chunks: readonly ChunkRef[], maxSamples: number): ChunkRef[] {
  const sorted = [...chunks].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const begin = firstOverlap(sorted);
  const taken: ChunkRef[] = [];
  let samples = 0;
  for (const ref of sorted.slice(begin)) {
    samples += weightOf([ref]);
    if (samples > maxSamples && taken.length > 1) break;
    taken.push(ref);
  }
  return new Set(taken.map(runOf)).size > 1 ? taken : [];
}

/** The first place in chunks sorted by their first series from which chunks of two runs overlap. */
function firstOverlap(sorted: readonly ChunkRef[]): number {
  let begin = 0;
  let reach = '';
  for (const [i, ref] of sorted.entries()) {
    if (i > 0 && ref.first > reach) begin = i;
    else if (i > 0 && sorted.slice(begin, i).some((other) => runOf(other) !== runOf(ref))) return begin;
    if (ref.last > reach) reach = ref.last;
  }
  return sorted.length;
}
