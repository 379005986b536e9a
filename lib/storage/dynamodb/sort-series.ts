import type { ChunkSeries } from './build-chunks.ts';
import { seriesOrder } from './manifest.ts';

/** What the order goes by. */
export type NamedSeries = Pick<ChunkSeries, 'identity' | 'metric'>;

/** Series in the order of `seriesOrder`, without making a text of each: by metric first, then by id as numbers. */
export function sortSeries<T extends NamedSeries>(series: readonly T[]): T[] {
  const byMetric = new Map<string, T[]>();
  for (const one of series) {
    const alike = byMetric.get(one.metric);
    if (alike === undefined) byMetric.set(one.metric, [one]);
    else alike.push(one);
  }
  const metrics = [...byMetric.keys()];
  // A name with the separator in it may stand between the series of another.
  if (metrics.some((metric) => metric.includes('\n'))) return series.toSorted(byOrder);
  return metrics
    .sort((a, b) => (seriesOrder(a, '') < seriesOrder(b, '') ? -1 : 1))
    .flatMap((metric) => (byMetric.get(metric) ?? []).sort(byId));
}

function byId({ identity: a }: NamedSeries, { identity: b }: NamedSeries): number {
  return a.high - b.high || a.low - b.low;
}

function byOrder(a: NamedSeries, b: NamedSeries): number {
  return seriesOrder(a.metric, a.identity.id) < seriesOrder(b.metric, b.identity.id) ? -1 : 1;
}
