import { Matcher } from '../../model/matcher.ts';
import { boundsInSeconds, inSeconds } from './duration-unit.ts';
import { NO_QUANTILE, suffixProblems } from './histogram.ts';
import { RequestRules, unitProblems } from './request-rules.ts';
import type { SignalExpansion, SignalProblem } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

type LatencyQuantile = SignalOf<'latencyQuantile'>;

/** Quantiles of latency: from the buckets of a histogram, or ready-made. */
export const latencyQuantile: SignalExpansion<LatencyQuantile> = {
  problems: (signal) => [
    ...formProblems(signal),
    ...suffixProblems(signal),
    ...unitProblems('unit', signal.unit, signal.metric ?? signal.summary ?? signal.gauge),
  ],
  expand: (signal) => {
    const rules = new RequestRules(signal);
    addHistogram(signal, rules);
    addSummary(signal, rules);
    addGauge(signal, rules);
    return rules.expansion();
  },
};

function addHistogram({ metric, unit = 'seconds' }: LatencyQuantile, rules: RequestRules): void {
  if (metric === undefined) return;
  rules.add('asserts:latency:bucket', metric, { suffix: '_bucket', change: (expr) => boundsInSeconds(expr, unit) });
  if (unit === 'seconds') rules.add('asserts:latency:histogram', metric, { matchers: [NO_QUANTILE] });
}

function addSummary({ summary, quantiles = {}, unit = 'seconds' }: LatencyQuantile, rules: RequestRules): void {
  if (summary === undefined) return;
  for (const [value, name] of Object.entries(quantiles)) {
    rules.add(`asserts:latency:${name}`, summary, {
      matchers: [new Matcher('=', 'quantile', value)],
      change: (expr) => inSeconds(expr, unit),
      labels: ENTITY,
      at: ['quantiles', value],
    });
  }
}

function addGauge({ gauge, quantile, unit = 'seconds' }: LatencyQuantile, rules: RequestRules): void {
  if (gauge === undefined || quantile === undefined) return;
  rules.add(`asserts:latency:${quantile}`, gauge, { change: (expr) => inSeconds(expr, unit), labels: ENTITY });
}

const ENTITY = { asserts_entity_type: 'Service' };

const FORMS = ['metric', 'summary', 'gauge'] as const;

function formProblems(signal: LatencyQuantile): SignalProblem[] {
  const [form, ...more] = FORMS.filter((key) => signal[key] !== undefined);
  if (form === undefined) {
    return [
      { key: 'metric', message: 'is missing; give metric for a histogram, summary for quantiles, or gauge for one' },
    ];
  }
  return [
    ...more.map((key) => ({ key, message: `stands beside ${form}; give one of ${FORMS.join(', ')}` })),
    ...companionProblems(signal, 'summary', 'quantiles', "such as {'0.99': p99}"),
    ...companionProblems(signal, 'gauge', 'quantile', 'p95 or p99'),
  ];
}

function companionProblems(
  signal: LatencyQuantile,
  form: 'summary' | 'gauge',
  companion: 'quantiles' | 'quantile',
  values: string,
): SignalProblem[] {
  const [hasForm, hasCompanion] = [signal[form] !== undefined, signal[companion] !== undefined];
  if (hasForm === hasCompanion) return [];
  if (hasForm) return [{ key: companion, message: `is missing; say which quantile ${form} is, ${values}` }];
  return [{ key: companion, message: `has a meaning only beside ${form}; remove it` }];
}
