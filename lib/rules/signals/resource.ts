import { aggregated, rawSelector, recorded, resourceLabels } from './resource-rules.ts';
import { type RuleDraft, type SignalExpansion, scaled } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

/** An amount: a counter and its rate, something in use, or any other gauge. */
export const resource: SignalExpansion<SignalOf<'resource'>> = {
  problems: () => [],
  expand: (signal) => {
    const labels = resourceLabels(signal);
    const expr = scaled(rawSelector(signal, signal.metric), signal);
    const amount = { record: `asserts:resource:${signal.type === 'counter' ? 'total' : signal.type}`, expr, labels };
    return { rules: [amount, ...(signal.type === 'counter' ? [rateRule(signal)] : [])], relabelConfigs: [] };
  },
};

function rateRule(signal: SignalOf<'resource'>): RuleDraft {
  const total = recorded(signal, 'asserts:resource:total', signal.resource_type);
  return {
    record: 'asserts:resource:rate',
    expr: aggregated('sum', `rate(${total}[5m])`),
    labels: resourceLabels(signal),
    isShared: true,
  };
}
