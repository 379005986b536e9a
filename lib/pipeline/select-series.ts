import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { IntakeReport } from './intake-report.ts';
import { type AcceptedSeries, isMetadataShort } from './validate-series.ts';

/** What the samples of a family are called beside the family itself (OpenMetrics). */
const FAMILY_SUFFIXES = ['', '_total', '_bucket', '_count', '_sum'];

/** Whether some rule of the plan can use a raw series. */
export interface Selects {
  (labels: Labels): boolean;
  /** Whether it can use some series of that metric name; where this is absent, each series has to be asked about. */
  readonly usesName?: (name: string) => boolean;
  /** Whether it can use every series of that metric name. */
  readonly wantsName?: (name: string) => boolean;
}

/**
 * Keeps the series that some rule of the plan can use, and counts all. Metadata travels with them: that of a series with
 * it, that of a family when a selected series of this request, or some series that a rule can use, would be of the family.
 * A family becomes a series with its name and no samples. The metadata of one name travels once.
 */
export function selectSeries(
  accepted: readonly AcceptedSeries[],
  families: readonly MetricMetadata[],
  selects: Selects,
  report: IntakeReport,
  isSelectedElsewhere: (name: string) => boolean = () => false,
): readonly TimeSeries[] {
  const selected: TimeSeries[] = [];
  const names = new Set<string>();
  const described = new Set<string>();
  for (const { labels, samples, histograms, exemplars, metadata } of accepted) {
    const isSelected = selects(labels);
    report.accept(samples.length, histograms.length, exemplars, isSelected);
    if (metadata !== undefined) report.acceptMetadata();
    if (!isSelected) continue;
    const name = labels.metricName;
    const isNews = metadata !== undefined && !described.has(name);
    if (isNews) described.add(name);
    if (samples.length + histograms.length + (isNews ? 1 : 0) === 0) continue;
    names.add(name);
    selected.push(toTimeSeries(labels, { samples, histograms, ...(isNews ? { metadata } : {}) }));
  }
  const usesName = selects.usesName ?? ((name: string) => selects(nameOnly(name)));
  const isWanted = (name: string) => names.has(name) || isSelectedElsewhere(name) || usesName(name);
  for (const family of families) {
    const name = family.metricFamilyName;
    if (!acceptFamily(family, report) || described.has(name)) continue;
    described.add(name);
    if (FAMILY_SUFFIXES.some((suffix) => isWanted(name + suffix))) selected.push(ofFamily(family));
  }
  return selected;
}

function acceptFamily(family: MetricMetadata, report: IntakeReport): boolean {
  if (family.metricFamilyName === '') {
    report.leaveOut({ reason: 'metadata_without_name', detail: 'metadata has no metric family name' }, Labels.empty);
    return false;
  }
  if (!isMetadataShort(family) || family.metricFamilyName.length > MAX_FAMILY_NAME_LENGTH) {
    const detail = 'the name, help or unit of a family is too long';
    report.leaveOut({ reason: 'metadata_too_long', detail }, nameOnly(family.metricFamilyName));
    return false;
  }
  report.acceptMetadata();
  return true;
}

/** UTF-16 units; no label value of a usual limit is longer. */
const MAX_FAMILY_NAME_LENGTH = 4096;

function ofFamily({ metricFamilyName, ...metadata }: MetricMetadata): TimeSeries {
  return toTimeSeries(nameOnly(metricFamilyName), { samples: [], histograms: [], metadata });
}

function nameOnly(name: string): Labels {
  return Labels.fromSortedPairs([METRIC_NAME, name]);
}

function toTimeSeries(labels: Labels, rest: Omit<TimeSeries, 'labels' | 'exemplars'>): TimeSeries {
  return { labels: [...labels], exemplars: [], ...rest };
}
