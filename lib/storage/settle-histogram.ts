import { type Histogram, RESET_HINTS } from '../model/histogram.ts';
import { isStaleNaN } from '../model/stale-marker.ts';
import { compareSettled } from './settle.ts';

/**
 * Orders two histograms of one series and one timestamp; the greater one is what the store returns. Like the order of
 * floats it is total over everything that is stored, so no order of writes and no repeated write can change an answer.
 *
 * A stale marker is less than all others; then the larger count is greater (a counter keeps its larger reading), then
 * the larger sum. What follows decides only between histograms that no source sends for one instant.
 */
export function compareHistograms(a: Histogram, b: Histogram): number {
  return (
    Number(isStaleNaN(b.sum)) - Number(isStaleNaN(a.sum)) ||
    compareSettled(a.count, a.startTimestamp ?? 0, b.count, b.startTimestamp ?? 0) ||
    compareSettled(a.sum, 0, b.sum, 0) ||
    compareLists(numbersOf(a), numbersOf(b)) ||
    compareLists(a.customValues, b.customValues) ||
    compareLists(a.positiveCounts, b.positiveCounts) ||
    compareLists(a.positiveDeltas, b.positiveDeltas) ||
    compareLists(a.negativeCounts, b.negativeCounts) ||
    compareLists(a.negativeDeltas, b.negativeDeltas) ||
    compareLists(spansOf(a.positiveSpans), spansOf(b.positiveSpans)) ||
    compareLists(spansOf(a.negativeSpans), spansOf(b.negativeSpans))
  );
}

/**
 * Whether a histogram is what the store returns where a float stands at the same time of the same series: it says more.
 * Only that of two things one of which is a stale marker, the marker gives way.
 */
export function outranksFloat({ sum }: Pick<Histogram, 'sum'>, value: number): boolean {
  return !isStaleNaN(sum) || isStaleNaN(value);
}

function numbersOf(histogram: Histogram): number[] {
  const { schema, zeroThreshold, zeroCount, isFloat, resetHint } = histogram;
  return [schema, zeroThreshold, zeroCount, Number(isFloat), RESET_HINTS.indexOf(resetHint)];
}

function spansOf(spans: Histogram['positiveSpans']): number[] {
  return spans.flatMap(({ offset, length }) => [offset, length]);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const order = compareSettled(a[i] as number, 0, b[i] as number, 0);
    if (order !== 0) return order;
  }
  return 0;
}
