import type { IntakeLimits } from '../context/tenant.ts';
import { compareStrings } from '../model/compare-strings.ts';
import { type Label, Labels, METRIC_NAME } from '../model/labels.ts';
import { MAX_SERIES_LABEL_BYTES } from './intake-limits.ts';
import type { Fault } from './intake-report.ts';
import { printable } from './printable.ts';

/**
 * Makes a label set of labels as sent. Unsorted ones are sorted (vmagent sends them so) and empty values dropped, for
 * Prometheus takes an empty value for an absent label; a missing metric name, a repeated or empty name, and what exceeds
 * the tenant's limits is a fault. Any UTF-8 is a valid name.
 */
export function validateLabels(sent: readonly Label[], limits: IntakeLimits): Labels | Fault {
  const sorted = isSorted(sent) ? sent : [...sent].sort((a, b) => compareStrings(a.name, b.name));
  if (metricNameOf(sorted) === '') return { reason: 'no_metric_name', detail: 'the series has no metric name' };
  const pairs: string[] = [];
  let bytes = 0;
  for (let i = 0; i < sorted.length; i++) {
    const { name, value } = sorted[i] as Label;
    if (i > 0 && sorted[i - 1]?.name === name) {
      return { reason: 'duplicate_label', detail: `label ${printable(name)} is there twice` };
    }
    if (name === '') return { reason: 'empty_label_name', detail: `the name of a label is empty` };
    if (value === '') continue;
    const fault = checkLength(name, value, limits);
    if (fault !== undefined) return fault;
    bytes += name.length + value.length;
    pairs.push(name, value);
  }
  return checkSize(pairs, bytes, limits) ?? Labels.fromSortedPairs(pairs);
}

function isSorted(labels: readonly Label[]): boolean {
  for (let i = 1; i < labels.length; i++) {
    if (compareStrings((labels[i - 1] as Label).name, (labels[i] as Label).name) > 0) return false;
  }
  return true;
}

function metricNameOf(labels: readonly Label[]): string {
  for (const { name, value } of labels) if (name === METRIC_NAME) return value;
  return '';
}

function checkLength(name: string, value: string, limits: IntakeLimits): Fault | undefined {
  if (isLonger(name, limits.maxLabelNameLength)) {
    const detail = `label name ${printable(name)} is longer than ${limits.maxLabelNameLength} bytes`;
    return { reason: 'label_name_too_long', detail };
  }
  if (isLonger(value, limits.maxLabelValueLength)) {
    const detail = `the value of label ${printable(name)} is longer than ${limits.maxLabelValueLength} bytes`;
    return { reason: 'label_value_too_long', detail };
  }
  return undefined;
}

function checkSize(pairs: readonly string[], units: number, limits: IntakeLimits): Fault | undefined {
  const count = pairs.length / 2;
  if (count > limits.maxLabelsPerSeries) {
    return { reason: 'too_many_labels', detail: `${count} labels are more than ${limits.maxLabelsPerSeries}` };
  }
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (units * 3 <= MAX_SERIES_LABEL_BYTES || Buffer.byteLength(pairs.join('')) <= MAX_SERIES_LABEL_BYTES) {
    return undefined;
  }
  return { reason: 'labels_too_large', detail: `its labels are larger than ${MAX_SERIES_LABEL_BYTES} bytes together` };
}

/** Whether a text has more than `maxBytes` bytes in UTF-8. */
function isLonger(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && (text.length > maxBytes || Buffer.byteLength(text) > maxBytes);
}
