import { Labels } from '../model/labels.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { ScrapeTarget } from './scrape-schedule.ts';

/** How one scrape went. */
export interface ScrapeFigures {
  /** When it began, ms. */
  readonly time: number;
  /** ms */
  readonly duration: number;
  /** Whether every page was read. */
  readonly isComplete: boolean;
  /** Samples and histograms of its pages, before any was left out. */
  readonly samples: number;
}

/**
 * What Prometheus tells of its own scrapes by `up`, `scrape_duration_seconds` and their kin, under names of our own: the
 * server's `up` is about its targets. `job` is the source, `instance` the server. Only series that some rule uses, such
 * as those of the pack `federation`.
 */
export function scrapeSeries(
  { source, server }: Pick<ScrapeTarget, 'source' | 'server'>,
  { time, duration, isComplete, samples }: ScrapeFigures,
  selects: (labels: Labels) => boolean,
): TimeSeries[] {
  const values = {
    tributary_scrape_up: isComplete ? 1 : 0,
    tributary_scrape_duration_seconds: duration / 1000,
    tributary_scrape_timeout_seconds: source.timeout / 1000,
    tributary_scrape_samples: samples,
  };
  const target = { job: source.name, instance: new URL(server).host };
  return Object.entries(values).flatMap(([__name__, value]) => {
    const labels = Labels.from({ __name__, ...target });
    if (!selects(labels)) return [];
    return [{ labels: [...labels], samples: [{ timestamp: time, value }], histograms: [], exemplars: [] }];
  });
}
