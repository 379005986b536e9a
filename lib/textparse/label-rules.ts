import { compareStrings } from '../model/compare-strings.ts';
import { type Label, Labels } from '../model/labels.ts';
import type { PageLimits } from './page-limits.ts';

/** What is wrong with a label set: a broken rule or a limit with what is allowed. */
export type LabelFault =
  | { readonly reason: string }
  | { readonly limit: 'labels' | 'nameBytes' | 'valueBytes'; readonly what: string };

/** Makes a label set of labels in the order of the page; no name may come twice. Empty values mean absent labels. */
export function toLabels(labels: Label[]): Labels | LabelFault {
  labels.sort((a, b) => compareStrings(a.name, b.name));
  const pairs: string[] = [];
  let previous: string | undefined;
  for (const { name, value } of labels) {
    if (name === previous) return { reason: `the label ${JSON.stringify(name)} is given twice` };
    previous = name;
    if (value !== '') pairs.push(name, value);
  }
  return Labels.fromSortedPairs(pairs);
}

/** Checks number and lengths of labels, the metric name (a label too) included. */
export function exceedsLimits(labels: readonly Label[], limits: PageLimits): LabelFault | undefined {
  if (labels.length > limits.labels) return { limit: 'labels', what: `the series has ${labels.length} labels` };
  for (const { name, value } of labels) {
    const isMetricName = name === '__name__';
    const nameBytes = byteLength(isMetricName ? value : name);
    if (nameBytes > limits.nameBytes) {
      return { limit: 'nameBytes', what: `the name ${shorten(isMetricName ? value : name)} has ${nameBytes} bytes` };
    }
    if (!isMetricName && byteLength(value) > limits.valueBytes) {
      return { limit: 'valueBytes', what: `the value of label ${shorten(name)} has ${byteLength(value)} bytes` };
    }
  }
  return undefined;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
