import { aggregated, keys, rawSelector, recorded, resourceLabels } from './resource-rules.ts';
import { type RuleDraft, type SignalExpansion, type SignalProblem, scaled } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

type Utilisation = SignalOf<'utilisation'>;

/** What is in use, against its limit where there is one. */
export const utilisation: SignalExpansion<Utilisation> = {
  problems: (signal) => [...byProblems(signal)],
  expand: (signal) => {
    const labels = resourceLabels(signal);
    const isCounter = signal.used_type === 'counter';
    const record = isCounter ? 'asserts:resource:total' : 'asserts:resource:usage';
    const used = recorded(signal, record, signal.resource_type);
    const amount = isCounter ? `rate(${used}[5m])` : used;
    const rules: RuleDraft[] = [
      { record, expr: scaled(rawSelector(signal, signal.used), signal), labels, at: ['used'] },
      ...limitRule(signal),
      ...(isCounter ? [usageRule(amount, labels)] : []),
      { record: 'asserts:resource', expr: share(signal, amount), labels, isShared: true },
    ];
    return { rules, relabelConfigs: [] };
  },
};

function usageRule(rate: string, labels: RuleDraft['labels']): RuleDraft {
  return { record: 'asserts:resource:usage', expr: aggregated('sum', rate), labels, isShared: true };
}

function limitRule(signal: Utilisation): RuleDraft[] {
  if (signal.limit === undefined) return [];
  const labels = { ...resourceLabels(signal), asserts_resource_type: limitType(signal) };
  return [{ record: 'asserts:resource:gauge', expr: rawSelector(signal, signal.limit), labels, at: ['limit'] }];
}

/** `heap:usage` and `heap` are limited by `heap:limit`, `disk:inodes_usage` by `disk:inodes_limit`, `memory:rss` by `memory:rss_limit`. */
function limitType({ resource_type }: Utilisation): string {
  const [resource, detail = 'usage'] = resource_type.split(':');
  return `${resource}:${/(^|_)usage$/.test(detail) ? detail.replace(/usage$/, 'limit') : `${detail}_limit`}`;
}

/**
 * Use by limit. A limit of 0, below 0 or infinite means that there is none: such parts have no share, and in a sum of
 * parts they are left out on both sides.
 */
function share(signal: Utilisation, amount: string): string {
  const { by = [], aggregate = by.length > 0 ? 'max' : 'sum' } = signal;
  if (signal.limit === undefined) return aggregated(aggregate, amount);
  const limits = recorded(signal, 'asserts:resource:gauge', limitType(signal));
  const inner = by.length > 0 ? 'sum' : aggregate;
  const used = aggregated(inner, amount, by);
  const limit = `(${aggregated(inner, limits, by)} > 0 < Inf)`;
  if (by.length === 0) return `${used} / ${limit}`;
  if (aggregate === 'max') return aggregated('max', `${used} / ${limit}`);
  return `${aggregated('sum', `${used} and on (${keys(by)}) ${limit}`)} / ${aggregated('sum', limit)}`;
}

function byProblems({ by = [], limit }: Utilisation): SignalProblem[] {
  if (by.length === 0 || limit !== undefined) return [];
  return [{ key: 'by', message: 'has a meaning only beside limit; remove it, or give the limit' }];
}
