import { hash } from 'node:crypto';
import type { Labels } from '../model/labels.ts';

/** What a series is known by in blocks. */
export interface SeriesIdentity {
  /** 64 bits as 16 lower-case hex digits: the first 8 bytes of SHA-256 over the label set. */
  readonly id: string;
  /** The same bits in two halves. */
  readonly high: number;
  readonly low: number;
  /** 48 further bits of the hash: two label sets that share an id do not share these. */
  readonly check: number;
}

export type IdentifySeries = (labels: Labels) => SeriesIdentity;

/**
 * The identity of a label set: SHA-256 over the JSON array `[name0, value0, name1, …]` in UTF-8, sorted by name. It
 * depends on nothing but the labels, so every process gives a series the same id without asking anybody.
 */
export function seriesIdentity(labels: Labels): SeriesIdentity {
  const digest = hash('sha256', JSON.stringify(labels.pairs), 'hex');
  return {
    id: digest.slice(0, 16),
    high: Number.parseInt(digest.slice(0, 8), 16),
    low: Number.parseInt(digest.slice(8, 16), 16),
    check: Number.parseInt(digest.slice(16, 28), 16),
  };
}
