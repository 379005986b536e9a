import type { IntakeLimits } from '../context/tenant.ts';
import { type Label, Labels } from '../model/labels.ts';
import type { PageSeries } from '../textparse/page-parser.ts';
import { honorLabels } from './honor-labels.ts';
import type { Fault } from './intake-report.ts';
import type { ScrapeTarget } from './scrape-schedule.ts';
import { validateLabels } from './validate-labels.ts';

/** What holds for a series whatever its samples are. */
export interface JudgedSeries {
  /** As the source wants them; also of series that are refused. */
  readonly labels: readonly Label[];
  /** The valid label set, or why the series is refused. */
  readonly verdict: Labels | Fault;
  readonly isSelected: boolean;
}

export type Judge = (series: PageSeries) => JudgedSeries;

/**
 * Judges the series of one server: labels are honored, validated and selected when a series is met first, and remembered
 * for as long as the page parser knows the series.
 */
export function newJudge(
  { source, server, tenant }: Pick<ScrapeTarget, 'source' | 'server' | 'tenant'>,
  selects: (labels: Labels) => boolean,
): Judge {
  const own = { job: source.name, instance: new URL(server).host };
  const limits: IntakeLimits = { ...tenant.limits, maxLabelsPerSeries: source.limits.maxLabelsPerSeries };
  const known = new WeakMap<PageSeries, JudgedSeries>();
  return (series) => {
    const judged = known.get(series);
    if (judged !== undefined) return judged;
    const labels = honorLabels(series.labels, source.honorLabels, own);
    const verdict = validateLabels(labels, limits);
    const fresh = { labels, verdict, isSelected: verdict instanceof Labels && selects(verdict) };
    known.set(series, fresh);
    return fresh;
  };
}
