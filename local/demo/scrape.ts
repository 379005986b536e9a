import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { Exposition, type LabelSet } from './exposition.ts';
import { replicaAt, type Target } from './target.ts';
import { spread } from './traffic.ts';

export const SCRAPE_INTERVAL_MS = 15_000;

/**
 * Scrapes a target as Prometheus does: the page's series with the target's and the external labels, and the series that
 * Prometheus adds of its own.
 *
 * @param timestamp ms
 */
export function scrape(target: Target, externalLabels: LabelSet, timestamp: number): readonly TimeSeries[] {
  const page = new Exposition();
  const time = timestamp / 1000;
  target.expose(page, { target, replica: replicaAt(target, time), time });
  const exposed = page.series.length;
  page.gauge('up', {}, 1);
  page.gauge('scrape_samples_scraped', {}, exposed);
  page.gauge('scrape_duration_seconds', {}, 0.002 + exposed * 0.00001);
  return page.series.map(({ labels, value, metadata: { type, help, unit } }) => ({
    labels: sortedLabels({ ...externalLabels, ...target.labels, ...labels }),
    samples: [{ timestamp, value }],
    histograms: [],
    exemplars: [],
    metadata: { type, help, unit },
  }));
}

/** The times (ms) at which a target is scraped in (after, until]: every target has its own place in the interval. */
export function scrapeTimes(target: Target, after: number, until: number): number[] {
  const offset = Math.floor(SCRAPE_INTERVAL_MS * spread(`scrape${target.labels['instance']}`));
  const times: number[] = [];
  let time = (Math.floor((after - offset) / SCRAPE_INTERVAL_MS) + 1) * SCRAPE_INTERVAL_MS + offset;
  for (; time <= until; time += SCRAPE_INTERVAL_MS) times.push(time);
  return times;
}

/** All names are ASCII, so UTF-16 order is the order of Prometheus. */
function sortedLabels(labels: LabelSet): { name: string; value: string }[] {
  return Object.keys(labels)
    .sort()
    .map((name) => ({ name, value: labels[name] ?? '' }));
}
