import { Labels } from '../model/labels.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { Fault, IntakeReport } from './intake-report.ts';
import { reduceHistogram } from './reduce-histogram.ts';
import type { LastSample, PageMemory } from './scrape-memory.ts';
import type { PagePoint } from './scrape-page.ts';
import { validateHistogram } from './validate-histogram.ts';
import { checkTime, type ValidationRules } from './validate-series.ts';

/** What is new on a page since its last scrape. */
export interface ComparedPage {
  /** Valid, selected, and not sent before. */
  readonly fresh: readonly TimeSeries[];
  /** What the last scrape had and this one has not. */
  readonly vanished: readonly LastSample[];
  /** The page's selected series, for the next scrape. */
  readonly current: PageMemory;
}

/**
 * Sets what is new apart from what the last scrape had with the same timestamp (a server may scrape less often than it is
 * read), and counts all: refused, unselected, repeated.
 */
export function comparePage(
  points: readonly PagePoint[],
  previous: PageMemory | undefined,
  rules: Pick<ValidationRules, 'now' | 'limits'>,
  report: IntakeReport,
): ComparedPage {
  const current = new Map<string, LastSample>();
  const fresh: TimeSeries[] = [];
  let repeated = 0;
  for (const point of points) {
    const { series, samples, histograms } = point;
    const labels = judge(point, rules, report);
    if (labels === undefined) continue;
    report.accept(samples.length, histograms.length, 0, series.isSelected);
    if (!series.isSelected) continue;
    const timestamp = (samples[0] ?? histograms[0])?.timestamp ?? 0;
    const known = previous?.get(labels.key);
    const isRepeated = known?.timestamp === timestamp;
    current.set(labels.key, isRepeated ? known : { labels, timestamp });
    if (isRepeated) repeated++;
    else fresh.push({ labels: series.labels, samples, histograms: histograms.map(reduceHistogram), exemplars: [] });
  }
  report.drop('repeated', repeated);
  return { fresh, vanished: vanishedOf(previous, current), current };
}

/** The labels of a valid point; what is refused is counted. */
function judge(
  { series, samples, histograms }: PagePoint,
  rules: Pick<ValidationRules, 'now' | 'limits'>,
  report: IntakeReport,
): Labels | undefined {
  const { verdict, labels } = series;
  const fault = verdict instanceof Labels ? faultOf(samples, histograms, rules) : verdict;
  if (fault !== undefined) report.refuse(fault, labels, 1);
  return fault === undefined && verdict instanceof Labels ? verdict : undefined;
}

function faultOf(
  [sample]: PagePoint['samples'],
  [histogram]: PagePoint['histograms'],
  rules: Pick<ValidationRules, 'now' | 'limits'>,
): Fault | undefined {
  if (sample !== undefined) return checkTime(sample, rules);
  return histogram && (checkTime(histogram, rules) ?? validateHistogram(histogram));
}

function vanishedOf(previous: PageMemory | undefined, current: PageMemory): LastSample[] {
  const vanished: LastSample[] = [];
  for (const [key, last] of previous ?? []) if (!current.has(key)) vanished.push(last);
  return vanished;
}
