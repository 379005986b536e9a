import type { Labels } from '../../model/labels.ts';
import type { FunctionCall } from '../function-call.ts';
import { FLOAT, HISTOGRAM, type VectorSeries } from '../value.ts';
import { forMetricName, quote } from './annotate.ts';
import { argumentPosition, vectorArgument } from './arguments.ts';
import { ClassicBuckets } from './classic-buckets.ts';
import { parseBound } from './parse-bound.ts';

const BUCKET_LABEL = 'le';

/** One series of a classic histogram with its upper bound. */
interface BucketSeries {
  readonly bound: number;
  readonly series: VectorSeries;
}

/** A classic histogram: the bucket series that share all labels but `le`, by ascending bound. */
interface ClassicHistogram {
  readonly labels: Labels;
  readonly series: BucketSeries[];
}

/** Takes the histograms of an argument one at a time, each over the whole grid. */
export interface HistogramVisitor {
  native(labels: Labels, dropName: boolean, series: VectorSeries, isUsable: (step: number) => boolean): void;
  /** `bucketsAt` gives the buckets of a step (valid until its next call), or nothing where there are none. */
  classic(labels: Labels, dropName: boolean, bucketsAt: (step: number) => ClassicBuckets | undefined): void;
}

/**
 * Sorts the series of vector argument `index` into native and classic histograms. Where a step has both with the same
 * labels, neither is used and a warning tells so; series without a usable `le` are left out with a warning.
 */
export function visitHistograms(call: FunctionCall, index: number, visitor: HistogramVisitor): void {
  const { series } = vectorArgument(call, index);
  const classic = groupByLabels(call, index, series);
  const natives = new Map<string, VectorSeries>();
  for (const one of series) {
    if (one.histograms === undefined) continue;
    const labels = one.labels.filter(isNoBucketLabel);
    natives.set(labels.key, one);
    const rival = classic.get(labels.key);
    const isUsable = (step: number) => one.kinds[step] === HISTOGRAM && !(rival && hasBuckets(rival, step));
    if (rival !== undefined) warnWhereMixed(call, index, one, rival);
    visitor.native(one.labels, one.dropName, one, isUsable);
  }
  const buckets = new ClassicBuckets(mostBuckets(classic.values()));
  for (const [key, histogram] of classic) visitClassic(histogram, buckets, natives.get(key), visitor);
}

function mostBuckets(histograms: Iterable<ClassicHistogram>): number {
  let most = 0;
  for (const { series } of histograms) most = Math.max(most, series.length);
  return most;
}

/** `buckets` has room for those of the histogram and is filled anew at each step. */
function visitClassic(
  histogram: ClassicHistogram,
  buckets: ClassicBuckets,
  rival: VectorSeries | undefined,
  visitor: HistogramVisitor,
): void {
  const bucketsAt = (step: number) => {
    if (rival?.kinds[step] === HISTOGRAM) return undefined;
    buckets.clear();
    for (const { bound, series } of histogram.series) {
      if (series.kinds[step] === FLOAT) buckets.push(bound, series.floats[step] as number);
    }
    return buckets.size === 0 ? undefined : buckets;
  };
  const dropName = histogram.series.some(({ series }) => series.dropName);
  visitor.classic(histogram.labels, dropName, bucketsAt);
}

function groupByLabels(
  call: FunctionCall,
  index: number,
  series: readonly VectorSeries[],
): Map<string, ClassicHistogram> {
  const groups = new Map<string, ClassicHistogram>();
  const bounds = new Bounds();
  for (const one of series) {
    if (!one.kinds.includes(FLOAT)) continue;
    const bound = bounds.of(one.labels.get(BUCKET_LABEL));
    if (bound === undefined) {
      warnBadBound(call, index, one.labels);
      continue;
    }
    const labels = one.labels.filter(isNoBucketLabel);
    let group = groups.get(labels.key);
    if (group === undefined) {
      group = { labels, series: [] };
      groups.set(labels.key, group);
    }
    group.series.push({ bound, series: one });
  }
  for (const group of groups.values()) group.series.sort((a, b) => compareBounds(a.bound, b.bound));
  return groups;
}

function isNoBucketLabel(name: string): boolean {
  return name !== BUCKET_LABEL;
}

/** Thousands of histograms have the same few bounds: each text is read once. */
class Bounds {
  readonly #known = new Map<string, number | undefined>();

  of(text: string): number | undefined {
    const known = this.#known.get(text);
    if (known !== undefined || this.#known.has(text)) return known;
    const bound = parseBound(text);
    this.#known.set(text, bound);
    return bound;
  }
}

/** NaN last; infinities do not subtract. */
function compareBounds(a: number, b: number): number {
  if (a === b) return 0;
  return a < b || Number.isNaN(b) ? -1 : 1;
}

function hasBuckets({ series }: ClassicHistogram, step: number): boolean {
  return series.some((bucket) => bucket.series.kinds[step] === FLOAT);
}

function warnWhereMixed(call: FunctionCall, index: number, native: VectorSeries, rival: ClassicHistogram): void {
  const mixed = native.kinds.some((kind, step) => kind === HISTOGRAM && hasBuckets(rival, step));
  if (!mixed) return;
  const text = `vector contains a mix of classic and native histograms${forMetricName(native.labels.metricName)}`;
  call.annotations.warn(`PromQL warning: ${text}`, argumentPosition(call, index));
}

function warnBadBound(call: FunctionCall, index: number, labels: Labels): void {
  const value = quote(labels.get(BUCKET_LABEL));
  const text = `bucket label "le" is missing or has a malformed value of ${value}${forMetricName(labels.metricName)}`;
  call.annotations.warn(`PromQL warning: ${text}`, argumentPosition(call, index));
}
