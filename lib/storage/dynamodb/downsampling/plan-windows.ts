import { unitOf, widthOf } from '../../downsampling/width.ts';
import {
  type DerivedRetention,
  RESOLUTIONS,
  type Resolution,
  type Segment,
  type SelectHints,
} from '../../interface.ts';
import { AHEAD_MS, DAY_MS, type TimeRange } from '../../retention-window.ts';
import { boundedParallel } from '../bounded-parallel.ts';
import { alignedStarts } from '../keys.ts';
import type { ReaderParts } from '../store-parts.ts';
import { SPAN_MS, spanOf, windowLabelsKey } from './window-keys.ts';
import { readWindowManifests, type WindowManifest } from './window-manifest.ts';

/** The windows of one day. */
export interface WindowDay {
  readonly resolution: Resolution;
  readonly manifest: WindowManifest;
}

/** Which parts of a range are answered from windows. */
export interface WindowPlan {
  readonly days: readonly WindowDay[];
  readonly segments: readonly Segment[];
  /**
   * What to read to answer for the range: further back by the widest window, since a time between two ends of windows is
   * answered as of the first of them; and on to the end of the window that it ends in.
   */
  readonly range: TimeRange;
}

const MAX_PARALLEL_READS = 8;

/** A width of windows and how far back it reaches. */
interface Kept {
  readonly resolution: Resolution;
  readonly width: number;
  /** The first day (ms) that is kept entirely. */
  readonly from: number;
}

/** Chooses windows for each day of a range; undefined where samples alone answer. */
export async function planWindows(
  parts: ReaderParts,
  tenant: string,
  { windows, mint, maxt, signal }: SelectHints,
): Promise<WindowPlan | undefined> {
  const kept = keptWindows(parts.retention.derived, parts.now());
  if (windows === undefined || kept.length === 0) return undefined;
  const { value, preferred, coarsest } = windows;
  // The end of the window that a time goes by may be the midnight before, and belongs to the day before.
  const back = value === 'last' ? Math.max(...kept.map(({ width }) => width)) : 0;
  const fullFrom = parts.now() - parts.retention.derived.days * DAY_MS;
  const last = unitOf(Math.min(maxt, parts.now() + AHEAD_MS));
  const first = unitOf(Math.max(mint - back, Math.min(...kept.map(({ from }) => from))));
  const open = new Set(alignedStarts({ mint: first, maxt: last }, DAY_MS));
  const days: WindowDay[] = [];
  const take = async ({ resolution, from }: Kept, upTo: number) => {
    const wanted = [...open].filter((unit) => unit >= from && unit < upTo);
    for (const manifest of await readDays(parts, tenant, resolution, wanted, signal)) {
      if (open.delete(manifest.unit)) days.push({ resolution, manifest });
    }
  };
  // First the widest of those that are fine enough; where samples are gone, then the finest of the others.
  for (const one of kept.filter(({ width }) => width <= preferred).reverse()) await take(one, Number.POSITIVE_INFINITY);
  for (const one of kept.filter(({ width }) => width > preferred && width <= coarsest)) await take(one, fullFrom);
  if (days.length === 0) return undefined;
  const segments = toSegments(days);
  const widest = Math.max(...segments.map(({ width }) => width));
  return { days, segments, range: { mint: mint - widest, maxt: maxt + widest } };
}

/** The windows that derived series are kept in, finest first. */
export function keptWindows({ downsampled = {} }: DerivedRetention, now: number): readonly Kept[] {
  return RESOLUTIONS.flatMap((resolution) => {
    const kept = downsampled[resolution];
    return kept === undefined ? [] : [{ resolution, width: widthOf(resolution), from: now - kept.days * DAY_MS }];
  });
}

/** Where the labels stand of series whose samples are gone: by span, of those that a range touches. */
export function windowLabelsKeys(
  { retention, now }: Pick<ReaderParts, 'retention' | 'now'>,
  tenant: string,
  { mint, maxt }: TimeRange,
): string[] {
  const from = Math.min(...keptWindows(retention.derived, now()).map((kept) => kept.from));
  const fullFrom = now() - retention.derived.days * DAY_MS;
  const range = { mint: unitOf(Math.max(mint, from)), maxt: unitOf(Math.min(maxt, fullFrom)) };
  return range.mint > range.maxt ? [] : alignedStarts(range, SPAN_MS).map((span) => windowLabelsKey(tenant, span));
}

/** What was made of some days (latest first): one request for each span. */
async function readDays(
  { table, now }: ReaderParts,
  tenant: string,
  resolution: Resolution,
  units: readonly number[],
  signal: AbortSignal | undefined,
): Promise<WindowManifest[]> {
  const [maxt, mint] = [units[0], units.at(-1)];
  if (maxt === undefined || mint === undefined) return [];
  const wanted = new Set(units);
  const found: WindowManifest[] = [];
  await boundedParallel(alignedStarts({ mint, maxt }, SPAN_MS), MAX_PARALLEL_READS, async (span) => {
    const ofSpan = { mint: Math.max(mint, span), maxt: Math.min(maxt, span + SPAN_MS - 1) };
    const manifests = await readWindowManifests(table, tenant, resolution, ofSpan, { now: now(), signal });
    found.push(...manifests.filter(({ isMade, unit }) => isMade && wanted.has(unit)));
  });
  return found;
}

/** Neighbouring days of one width are one segment. */
function toSegments(days: readonly WindowDay[]): Segment[] {
  const segments: { after: number; upTo: number; readonly width: number }[] = [];
  for (const { resolution, manifest } of days.toSorted((a, b) => a.manifest.unit - b.manifest.unit)) {
    const width = widthOf(resolution);
    const last = segments.at(-1);
    if (last?.upTo === manifest.unit && last.width === width) last.upTo += DAY_MS;
    else segments.push({ after: manifest.unit, upTo: manifest.unit + DAY_MS, width });
  }
  return segments;
}

/** The spans whose labels name the series of some days. */
export function spansOf(days: readonly WindowDay[]): number[] {
  return [...new Set(days.map(({ manifest }) => spanOf(manifest.unit)))];
}
