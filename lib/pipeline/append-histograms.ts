import type { Histogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { ContextualizedOutput } from '../plan/contextualizer.ts';
import { InvalidSampleError } from '../storage/errors.ts';
import type { Appender } from '../storage/interface.ts';
import type { Tally } from '../storage/ledger.ts';

/** Where is counted what becomes of histograms. */
export interface HistogramAccount {
  readonly tally: Tally;
  readonly drop: (count: number, raw: Labels, reason: string, detail: string) => void;
  /** Told of what a fault of ours keeps out of the store. */
  readonly fail: (histogram: Histogram, error: Error) => void;
}

/**
 * Appends the native histograms of a raw series under every name that rules give it. A rule that scales values is for
 * another unit, and no factor brings a histogram into another unit: PromQL's `histogram * 0.001` would count a thousandth
 * of the observations, in the same buckets. What only such rules read is counted as dropped.
 */
export function appendHistograms(
  outputs: readonly ContextualizedOutput[],
  histograms: readonly Histogram[],
  raw: Labels,
  appender: Appender,
  { tally, drop, fail }: HistogramAccount,
): void {
  if (histograms.length === 0) return;
  const kept = outputs.filter((output) => !isScaled(output));
  if (kept.length === 0) {
    drop(histograms.length, raw, 'histogram_not_scalable', scaleDetail(outputs[0] as ContextualizedOutput));
    return;
  }
  for (const histogram of histograms) {
    try {
      for (const { labels } of kept) appender.appendHistogram(labels, histogram);
      tally.contextualized++;
      tally.stored += kept.length;
    } catch (error) {
      if (error instanceof InvalidSampleError) drop(1, raw, 'invalid_sample', error.message);
      else fail(histogram, error as Error);
    }
  }
}

function isScaled({ rule }: ContextualizedOutput): boolean {
  return 'steps' in rule && rule.steps.some((step) => 'operand' in step && step.operand !== 1);
}

function scaleDetail({ rule }: ContextualizedOutput): string {
  const text = 'expr' in rule ? `: ${rule.expr} (${rule.origin.file}:${rule.origin.line})` : '';
  return (
    'a native histogram cannot be brought into another unit by a factor, which would scale its counts and not its ' +
    `buckets${text}; observe it in the unit that the metric is to have, and map it without scaling`
  );
}
