import { RESOURCE_KEYS } from '../../context/aggregation-keys.ts';
import type { RuleDraft } from './rule-draft.ts';
import { type Selector, selectorText } from './selector.ts';
import type { ResourceSignal } from './signal.ts';

/** The labels of everything that a resource signal records. */
export function resourceLabels({ source, resource_type, entity_type, labels }: ResourceSignal): RuleDraft['labels'] {
  return {
    asserts_source: source,
    asserts_entity_type: entity_type,
    asserts_resource_type: resource_type,
    ...labels,
  };
}

/** A raw metric of the signal. */
export function rawSelector({ where = [] }: ResourceSignal, metric: Selector): string {
  return selectorText(metric, '', where);
}

/** What the signal has recorded of a type. */
export function recorded({ source }: ResourceSignal, record: string, type: string): string {
  return `${record}{asserts_source=${JSON.stringify(source)}, asserts_resource_type=${JSON.stringify(type)}}`;
}

/** `sum by (…) (expr)` by the resource keys and `more`. */
export function aggregated(op: 'sum' | 'max', expr: string, more: readonly string[] = []): string {
  return `${op} by (${keys(more)}) (${expr})`;
}

export function keys(more: readonly string[] = []): string {
  return [...new Set([...RESOURCE_KEYS, ...more])].join(', ');
}
