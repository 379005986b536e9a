import type { IntakeLimits } from '../context/tenant.ts';
import type { Histogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { Exemplar, Sample } from '../model/sample.ts';
import type { RemoteWriteProtocol, TimeSeries } from '../prompb/write-request.ts';
import { MAX_EXEMPLAR_RUNES, MAX_METADATA_TEXT_BYTES } from './intake-limits.ts';
import type { Fault, IntakeReport } from './intake-report.ts';
import { reduceHistogram } from './reduce-histogram.ts';
import { validateHistogram } from './validate-histogram.ts';
import { validateLabels } from './validate-labels.ts';

export interface ValidationRules {
  readonly protocol: RemoteWriteProtocol;
  readonly limits: IntakeLimits;
  /** Milliseconds. */
  readonly now: number;
  /** Whether any series of the request has a sample or a histogram. */
  readonly hasSamples: boolean;
}

/** What passed: samples and histograms may be fewer than were sent, and none at all where there is metadata. */
export interface AcceptedSeries {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
  readonly histograms: readonly Histogram[];
  /** How many; exemplars are counted and go no further. */
  readonly exemplars: number;
  readonly metadata?: Omit<MetricMetadata, 'metricFamilyName'>;
}

/**
 * Keeps what is valid of a series and reports the rest. A fault of the labels refuses the whole series, a fault of one
 * sample only that sample. Repeated and out-of-order timestamps are no fault: the store takes them in any order.
 */
export function validateSeries(
  series: TimeSeries,
  rules: ValidationRules,
  report: IntakeReport,
): AcceptedSeries | undefined {
  const labels = checkSeries(series, rules);
  if (!(labels instanceof Labels)) {
    report.refuse(labels, series.labels, Math.max(1, series.samples.length + series.histograms.length));
    return undefined;
  }
  const metadata = checkMetadata(series, labels, report);
  return {
    labels,
    samples: keepValid(series.samples, (sample) => checkTime(sample, rules), labels, report),
    histograms: keepValid(
      series.histograms,
      (histogram) => checkTime(histogram, rules) ?? validateHistogram(histogram),
      labels,
      report,
    ).map(reduceHistogram),
    exemplars: countExemplars(series.exemplars, labels, report),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function checkSeries(series: TimeSeries, rules: ValidationRules): Labels | Fault {
  if (series.defect !== undefined) return { reason: 'unreadable_series', detail: series.defect };
  const labels = validateLabels(series.labels, rules.limits);
  if (!(labels instanceof Labels) || rules.protocol === 'prometheus.WriteRequest') return labels;
  return checkKinds(series, rules) ?? labels;
}

/**
 * In 2.0 a series has samples or histograms, never both and never none. Two exceptions: metadata may stand alone, and so
 * may exemplars where others in the request have samples, for Prometheus 3 sends each exemplar as a series of its own
 * beside the one it belongs to, and must not be told 400 for every batch with an exemplar.
 */
function checkKinds(
  { samples, histograms, exemplars, metadata }: TimeSeries,
  { hasSamples }: ValidationRules,
): Fault | undefined {
  if (samples.length > 0 && histograms.length > 0) {
    return { reason: 'mixed_series', detail: 'the series has samples and histograms in one entry' };
  }
  if (samples.length + histograms.length > 0) return undefined;
  if (exemplars.length > 0) {
    return hasSamples ? undefined : { reason: 'no_samples', detail: 'the request has exemplars and no sample' };
  }
  return metadata === undefined ? { reason: 'no_samples', detail: 'the series has no sample' } : undefined;
}

function keepValid<T>(
  points: readonly T[],
  check: (point: T) => Fault | undefined,
  labels: Labels,
  report: IntakeReport,
): readonly T[] {
  return points.filter((point) => {
    const fault = check(point);
    if (fault !== undefined) report.refuse(fault, labels, 1);
    return fault === undefined;
  });
}

/** What is wrong with the time of a sample or histogram; it is looked at each time, whatever is known of its series. */
export function checkTime(
  { timestamp, startTimestamp }: Sample | Histogram,
  { now, limits }: Pick<ValidationRules, 'now' | 'limits'>,
): Fault | undefined {
  if (timestamp <= 0) {
    return { reason: 'timestamp_not_positive', detail: `the timestamp ${timestamp} is not after 1970` };
  }
  if (timestamp < now - limits.maxSampleAgeMs) {
    const detail = `the sample at ${time(timestamp)} is too old, more than ${limits.maxSampleAgeMs / 1000} s behind ${time(now)}`;
    return { reason: 'too_old', detail };
  }
  if (timestamp > now + limits.maxSampleAheadMs) {
    const detail = `the sample at ${time(timestamp)} is more than ${limits.maxSampleAheadMs / 1000} s ahead of ${time(now)}`;
    return { reason: 'too_far_ahead', detail };
  }
  if (startTimestamp !== undefined && startTimestamp < 0) {
    return { reason: 'timestamp_not_positive', detail: `the start timestamp ${startTimestamp} is before 1970` };
  }
  if (startTimestamp !== undefined && startTimestamp > timestamp) {
    const detail = `the start timestamp ${time(startTimestamp)} is after the sample's, ${time(timestamp)}`;
    return { reason: 'start_after_timestamp', detail };
  }
  return undefined;
}

/** ISO 8601, or the number where a date cannot be so far away. */
function time(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
}

/** A bad exemplar never fails a request; it is left out of the count of those written. */
function countExemplars(exemplars: readonly Exemplar[], labels: Labels, report: IntakeReport): number {
  let count = 0;
  for (const exemplar of exemplars) {
    const fault = checkExemplar(exemplar);
    if (fault === undefined) count++;
    else report.leaveOut(fault, labels);
  }
  return count;
}

function checkExemplar({ labels, timestamp }: Exemplar): Fault | undefined {
  if (timestamp <= 0) return { reason: 'invalid_exemplar', detail: `an exemplar has the timestamp ${timestamp}` };
  if (labels.some(({ name }) => name === '')) {
    return { reason: 'invalid_exemplar', detail: 'an exemplar has a label without a name' };
  }
  const texts = labels.flatMap(({ name, value }) => [name, value]);
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units <= MAX_EXEMPLAR_RUNES || countRunes(texts) <= MAX_EXEMPLAR_RUNES) return undefined;
  return {
    reason: 'exemplar_too_long',
    detail: `an exemplar has labels of more than ${MAX_EXEMPLAR_RUNES} characters`,
  };
}

/** Stops counting once there are too many. */
function countRunes(texts: readonly string[]): number {
  let runes = 0;
  for (const text of texts) {
    for (const _ of text) {
      runes++;
      if (runes > MAX_EXEMPLAR_RUNES) return runes;
    }
  }
  return runes;
}

function checkMetadata({ metadata }: TimeSeries, labels: Labels, report: IntakeReport): AcceptedSeries['metadata'] {
  if (metadata === undefined || isMetadataShort(metadata)) return metadata;
  report.leaveOut({ reason: 'metadata_too_long', detail: `its help or unit is too long` }, labels);
  return undefined;
}

/** Whether help and unit are short enough to travel with a sample. */
export function isMetadataShort({ help, unit }: Pick<MetricMetadata, 'help' | 'unit'>): boolean {
  return Buffer.byteLength(help) <= MAX_METADATA_TEXT_BYTES && Buffer.byteLength(unit) <= MAX_METADATA_TEXT_BYTES;
}
