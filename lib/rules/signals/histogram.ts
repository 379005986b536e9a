import { Matcher } from '../../model/matcher.ts';
import { boundsInSeconds, inSeconds } from './duration-unit.ts';
import { clientErrorProblems, RequestRules, unitProblems } from './request-rules.ts';
import type { SignalExpansion, SignalProblem } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

/** Requests, failures and latency of one histogram, classic or native. */
export const histogram: SignalExpansion<SignalOf<'histogram'>> = {
  problems: (signal) => [
    ...clientErrorProblems(signal),
    ...unitProblems('unit', signal.unit, signal.metric),
    ...suffixProblems(signal),
    ...(['errors', 'client_errors'] as const)
      .filter((key) => signal.requests === false && signal[key] !== undefined)
      .map((key) => ({
        key,
        message: 'counts requests, which requests: false leaves to another signal; give it there',
      })),
  ],
  expand: (signal) => {
    const { metric, unit = 'seconds' } = signal;
    const rules = new RequestRules(signal);
    if (signal.requests !== false) addCounted(signal, rules);
    rules.add('asserts:latency:total', metric, { suffix: '_sum', change: (expr) => inSeconds(expr, unit) });
    rules.add('asserts:latency:count', metric, { suffix: '_count' });
    rules.add('asserts:latency:bucket', metric, { suffix: '_bucket', change: (expr) => boundsInSeconds(expr, unit) });
    addNative(signal, rules);
    return rules.expansion();
  },
};

function addCounted(signal: SignalOf<'histogram'>, rules: RequestRules): void {
  rules.add('asserts:request:total', signal.metric, { suffix: '_count' });
  rules.addFailures('total', signal.metric, signal, { suffix: '_count' });
}

/**
 * A native histogram has the base name. Only one in seconds can be used: dividing it would divide its counts, not its
 * bounds. A summary has that name too, with a label that keeps its quantiles out.
 */
function addNative(signal: SignalOf<'histogram'>, rules: RequestRules): void {
  if ((signal.unit ?? 'seconds') !== 'seconds') return;
  rules.add('asserts:latency:histogram', signal.metric, { matchers: [NO_QUANTILE] });
  rules.addFailures('histogram', signal.metric, signal, { matchers: [NO_QUANTILE] });
}

export const NO_QUANTILE = new Matcher('=', 'quantile', '');

/** The base name is asked for, and people copy what they see. */
export function suffixProblems({
  metric,
}: {
  readonly metric?: SignalOf<'histogram'>['metric'] | undefined;
}): SignalProblem[] {
  const suffix = /_(bucket|sum|count)$/.exec(metric?.name ?? '')?.[0];
  if (metric === undefined || suffix === undefined) return [];
  const base = metric.name.slice(0, -suffix.length);
  return [{ key: 'metric', message: `must be the base name; write ${base}, ${suffix} is added` }];
}
