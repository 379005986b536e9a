import type { PositionRange } from '../annotations.ts';
import type { FunctionCall } from '../function-call.ts';
import { formatFloat, formatFloatTo } from '../histogram/format-float.ts';
import { forMetricName } from './annotate.ts';
import type { MonotonicityFix } from './classic-buckets.ts';

interface Fixes {
  minBound: number;
  maxBound: number;
  maxDifference: number;
  samples: number;
  firstTime: number;
  lastTime: number;
}

/** Gathers what was done to the buckets of classic histograms over a query, to tell it once for each metric. */
export class MonotonicityReport {
  readonly #fixes = new Map<string, Fixes>();

  /** `time` in ms. */
  record(metricName: string, fix: MonotonicityFix, time: number): void {
    const fixes = this.#fixes.get(metricName) ?? {
      minBound: fix.minBound,
      maxBound: fix.maxBound,
      maxDifference: 0,
      samples: 0,
      firstTime: time,
      lastTime: time,
    };
    fixes.minBound = Math.min(fixes.minBound, fix.minBound);
    fixes.maxBound = Math.max(fixes.maxBound, fix.maxBound);
    fixes.maxDifference = Math.max(fixes.maxDifference, fix.maxDifference);
    fixes.samples++;
    fixes.firstTime = Math.min(fixes.firstTime, time);
    fixes.lastTime = Math.max(fixes.lastTime, time);
    this.#fixes.set(metricName, fixes);
  }

  annotate(call: FunctionCall, position: PositionRange): void {
    for (const [name, fixes] of this.#fixes) call.annotations.info(describe(name, fixes), position);
  }
}

function describe(name: string, fixes: Fixes): string {
  const bounds = `from buckets ${formatFloat(fixes.minBound)} to ${formatFloat(fixes.maxBound)}`;
  const difference = `with a max diff of ${formatFloatTo(fixes.maxDifference, 2)}`;
  const times = `over ${fixes.samples} samples from ${formatTime(fixes.firstTime)} to ${formatTime(fixes.lastTime)}`;
  const what = 'input to histogram_quantile needed to be fixed for monotonicity';
  const where = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';
  return `PromQL info: ${what} (see ${where})${forMetricName(name)}, ${bounds}, ${difference}, ${times}`;
}

/** RFC 3339 without trailing zeros in the fraction. */
function formatTime(time: number): string {
  const text = new Date(time).toISOString();
  return text.replace(/\.?0+Z$/, 'Z').replace(/:Z$/, ':00Z');
}
