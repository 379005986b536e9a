import type { RetentionClass } from './interface.ts';
import type { TimeRange } from './retention-window.ts';

/** What one step of compaction did. Units are those that AWS bills. */
export interface CompactionStep {
  /**
   * `merged`: took blocks of a log into chunks. `cleared`: removed what was merged. `tidied`: merged chunks or labels, or
   * removed leftovers. `downsampled`: made windows of a day's samples. `overtaken`: another compaction was faster; nothing is lost. `idle`: there is nothing to do now.
   */
  readonly kind: 'merged' | 'cleared' | 'tidied' | 'downsampled' | 'overtaken' | 'idle';
  readonly samplesRead: number;
  readonly samplesWritten: number;
  readonly itemsWritten: number;
  readonly bytesWritten: number;
  readonly writeUnits: number;
}

/** What waits for compaction. */
export interface Backlog {
  /** Epochs of two hours that are closed and not consumed. */
  readonly epochs: number;
  /** Start of the oldest of them, ms. */
  readonly oldest?: number;
  /** Replaced chunks that are not yet removed: number of compactions that left some. */
  readonly leftovers: number;
}

/** Compacts one tenant's samples of one class. Any number may run at the same time, and each may end at any moment. */
export interface Compactor {
  /** Does one bounded piece of work: some seconds and less than a gigabyte. Call it until it is `idle`. */
  step(): Promise<CompactionStep>;
  backlog(): Promise<Backlog>;
}

/** Tells how far compaction is, and changes nothing. Reads no samples. */
export interface CompactionReader {
  backlog(tenant: string, retentionClass: RetentionClass): Promise<Backlog>;
  /** Chunks in the buckets that a range touches. */
  chunks(tenant: string, retentionClass: RetentionClass, range: TimeRange): Promise<number>;
}

/** A store that can be compacted. */
export interface Compactable {
  compactor(tenant: string, retentionClass: RetentionClass): Compactor;
}
