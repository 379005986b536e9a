import { InvalidSampleError } from '../errors.ts';
import type { RetentionClass } from '../interface.ts';
import { DAY_MS, type TimeRange } from '../retention-window.ts';

/** No block or chunk crosses its two-hour bucket; buckets are aligned as Prometheus aligns its blocks. */
export const BUCKET_MS = 2 * 3600_000;
export const HOUR_MS = 3600_000;

const TIME_DIGITS = 13;
/** A partition key may have 2,048 bytes. */
const MAX_TENANT_BYTES = 1024;

export function samplesKey(tenant: string, retentionClass: RetentionClass, shard: number, epoch: number): string {
  return `${escapeTenant(tenant)}/samples/${retentionClass}/${shard}/${epoch}`;
}

/** The partition that lists the epochs with blocks, and how far compaction has come with them. */
export function epochsKey(tenant: string, retentionClass: RetentionClass): string {
  return `${escapeTenant(tenant)}/epochs/${retentionClass}`;
}

/** `chunk` names one chunk of a bucket, as `newChunkName` spells it: each has a partition of its own to spread writes. */
export function chunkKey(tenant: string, retentionClass: RetentionClass, bucket: number, chunk: string): string {
  return `${escapeTenant(tenant)}/chunks/${retentionClass}/${bucket}/${chunk}`;
}

/** The manifests of a day's buckets. */
export function manifestsKey(tenant: string, retentionClass: RetentionClass, day: number): string {
  return `${escapeTenant(tenant)}/manifests/${retentionClass}/${day}`;
}

/** What compactions have to clear away later. */
export function leftoversKey(tenant: string, retentionClass: RetentionClass): string {
  return `${escapeTenant(tenant)}/leftovers/${retentionClass}`;
}

/** `day` is the first millisecond of a UTC day. */
export function labelsKey(tenant: string, retentionClass: RetentionClass, day: number): string {
  return `${escapeTenant(tenant)}/labels/${retentionClass}/${day}`;
}

/** The partition that lists the days with samples. */
export function daysKey(tenant: string, retentionClass: RetentionClass): string {
  return `${escapeTenant(tenant)}/days/${retentionClass}`;
}

export function metadataKey(tenant: string): string {
  return `${escapeTenant(tenant)}/metadata`;
}

/** `hour` is the first millisecond of an hour. */
export function ledgerKey(tenant: string, hour: number): string {
  return `${escapeTenant(tenant)}/ledger/${hour}`;
}

/** What invocations of an hour (start, ms) took of AWS. The API may write here and to few other places. */
export function usageEntriesKey(tenant: string, hour: number): string {
  return `${escapeTenant(tenant)}/usage/${hour}`;
}

/** What a tenant took of AWS, added up, an item a day. */
export function usageKey(tenant: string): string {
  return `${escapeTenant(tenant)}/usage`;
}

/** The partition with the state of a tenant's rules. */
export function ruleStateKey(tenant: string): string {
  return `${escapeTenant(tenant)}/rules`;
}

/** The partition with the registers of one area. */
export function registersKey(tenant: string, area: string): string {
  return `${escapeTenant(tenant)}/registers/${area}`;
}

/** Sorts a bucket's blocks by their last sample: who looks for [mint, maxt] starts reading at mint. */
export function blockSortKey({ mint, maxt }: TimeRange, contentHash: string): string {
  return `${timeDigits(maxt)}#${timeDigits(mint)}#${contentHash}`;
}

/** The first sample's time (ms) of a block, from its sort key. */
export function mintOfBlock(sortKey: string): number {
  return Number(sortKey.slice(TIME_DIGITS + 1, 2 * TIME_DIGITS + 1));
}

/** Sorts items by the writer's clock (ms), so that a reader can ask for what is new. */
export function writtenSortKey(now: number, contentHash: string): string {
  return `${timeDigits(now)}#${contentHash}`;
}

/** The writer's clock (ms) of an item sorted by it. */
export function writtenAt(sortKey: string): number {
  return Number(sortKey.slice(0, TIME_DIGITS));
}

/** The content hash of an item sorted by its writer's clock. */
export function hashOf(sortKey: string): string {
  return sortKey.slice(TIME_DIGITS + 1);
}

/** Milliseconds as sort keys spell them: digits of one width sort as numbers do. */
export function timeDigits(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(TIME_DIGITS, '0');
}

/** Start of the bucket, day or hour of `width` ms that a time lies in. */
export function alignDown(ms: number, width: number): number {
  return Math.floor(ms / width) * width;
}

/** Starts of all buckets, days or hours of `width` ms that a range touches, latest first. */
export function alignedStarts({ mint, maxt }: TimeRange, width: number): number[] {
  const last = alignDown(maxt, width);
  const count = Math.floor((last - alignDown(mint, width)) / width) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => last - i * width);
}

/** When an item of a bucket or day may be deleted, in seconds; a day later than readers stop returning it. */
export function expiry(start: number, width: number, days: number): number {
  return Math.ceil((start + width + (days + 1) * DAY_MS) / 1000);
}

/**
 * A tenant's name as keys spell it: without `/`, and different for different names, so that no name can reach into
 * another tenant's keys.
 *
 * @throws InvalidSampleError for names that are empty, too long or not Unicode.
 */
export function escapeTenant(tenant: string): string {
  const escaped = escapeUnicode(tenant);
  if (escaped === '') throw new InvalidSampleError('cannot use an empty tenant name');
  if (escaped.length > MAX_TENANT_BYTES) {
    throw new InvalidSampleError(
      `cannot use tenant name ${JSON.stringify(tenant.slice(0, 64))}…: ${escaped.length} bytes, at most ${MAX_TENANT_BYTES}`,
    );
  }
  return escaped;
}

function escapeUnicode(tenant: string): string {
  try {
    return encodeURIComponent(tenant);
  } catch {
    throw new InvalidSampleError(`cannot use tenant name ${JSON.stringify(tenant)}: it has a lone surrogate`);
  }
}
