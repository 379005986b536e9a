import type { Backlog, CompactionStep, Compactor } from '../compactor.ts';
import { MAX_RUNS, rewrite } from './bucket-merge.ts';
import { clearEpoch } from './clear-epoch.ts';
import { compactLabels, dayToPack } from './compact-labels.ts';
import { type CompactorParts, toStep } from './compactor-parts.ts';
import { consumeLog, type RecentNames } from './consume-log.ts';
import { Downsampler } from './downsampling/downsampler.ts';
import { type EpochList, isClosed, readEpochs } from './epochs.ts';
import { GatheredSeries } from './gathered-series.ts';
import { clearLeftover } from './leftover.ts';
import { type ChunkRef, readManifest, runOf, weightOf } from './manifest.ts';
import { overlappingChunks } from './overlapping-chunks.ts';
import { readBacklog } from './read-backlog.ts';
import { readLeftovers } from './read-leftovers.ts';

/**
 * Compacts one tenant's class, a piece at a time: closed logs into chunks, in order; then what earlier compactions left
 * behind, runs that overlap, labels of past days, and windows of days that have settled. docs/storage-format.md says why every
 * moment of it is safe.
 */
export class DynamoCompactor implements Compactor {
  readonly #parts: CompactorParts;
  /** Kept while there are logs to consume. */
  readonly #recent: RecentNames = { names: undefined };
  readonly #downsampler: Downsampler;
  /** A bucket whose runs may overlap. */
  #unmerged: number | undefined;

  constructor(parts: CompactorParts) {
    this.#parts = parts;
    this.#downsampler = new Downsampler(parts);
  }

  async step(): Promise<CompactionStep> {
    const list = await this.#epochs();
    const { now } = this.#parts;
    const consumed = list.epochs.find((epoch) => epoch < list.progress.epoch);
    if (consumed !== undefined) return clearEpoch(this.#parts, consumed);
    const next = list.epochs.find((epoch) => isClosed(epoch, now()));
    if (next !== undefined) return consumeLog(this.#parts, next, list, this.#recent);
    this.#recent.names = undefined;
    return this.#tidy();
  }

  backlog(): Promise<Backlog> {
    return readBacklog(this.#parts);
  }

  #epochs(): Promise<EpochList> {
    const { table, tenant, retentionClass, now } = this.#parts;
    return readEpochs(table, tenant, retentionClass, { from: 0, now: now() });
  }

  async #tidy(): Promise<CompactionStep> {
    if (this.#unmerged !== undefined) return this.#mergeRuns(this.#unmerged);
    const { due, spared } = await readLeftovers(this.#parts);
    const [leftover] = due;
    if (leftover !== undefined) {
      if (!(await clearLeftover(this.#parts, leftover, spared))) return toStep('overtaken');
      this.#unmerged = leftover.bucket;
      return toStep('tidied');
    }
    const day = await dayToPack(this.#parts);
    return day === undefined ? this.#downsampler.step() : compactLabels(this.#parts, day);
  }

  /**
   * Merges some of the runs that overlap in a bucket too large for one piece of work, where they are many. In a smaller
   * bucket a late run waits for others; `mergeBucket` bounds their number.
   */
  async #mergeRuns(bucket: number): Promise<CompactionStep> {
    const { table, tenant, retentionClass, sliceSamples, now } = this.#parts;
    const manifest = await readManifest(table, tenant, retentionClass, bucket, now());
    const isLarge = weightOf(manifest.chunks) > sliceSamples;
    const hasManyRuns = new Set(manifest.chunks.map(runOf)).size > MAX_RUNS;
    const replaced = isLarge && hasManyRuns ? overlappingChunks(manifest.chunks, sliceSamples) : [];
    if (replaced.length === 0) {
      this.#unmerged = undefined;
      return toStep('tidied');
    }
    const merged = await rewrite(this.#parts, manifest, replaced, new GatheredSeries(), noBlock);
    return merged === undefined
      ? toStep('overtaken')
      : toStep('tidied', countSamples(replaced), merged.samples, merged.items);
  }
}

function countSamples(chunks: readonly ChunkRef[]): number {
  return chunks.reduce((sum, { samples }) => sum + samples, 0);
}

function noBlock(): never {
  throw new Error('BUG: a series of a chunk has no metric');
}
