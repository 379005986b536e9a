import { Labels } from '../../model/labels.ts';
import { seriesOfPage } from '../unmapped/read-families.ts';

/** Raw series that there are, or will be. */
export interface Inventory {
  readonly pages: readonly string[];
  readonly series: readonly Labels[];
}

/** ms for one page. */
const TIMEOUT = 10_000;

/**
 * Reads pages of metrics, from files or URLs. A page of a target does not say whose it is: its series are taken as those of
 * as many `instances`. Series that have a job and an instance, as on `/federate` of a Prometheus, are taken as they are.
 *
 * @throws CommandError when a page cannot be read
 */
export async function readInventory(pages: readonly string[], instances: number): Promise<Inventory> {
  const series = new Map<string, Labels>();
  for (const [i, page] of pages.entries()) {
    const { series: found } = await seriesOfPage(page, TIMEOUT);
    for (const labels of found) {
      for (const one of onInstances(labels, `page-${i + 1}`, instances)) series.set(one.key, one);
    }
  }
  return { pages, series: [...series.values()] };
}

function onInstances(labels: Labels, job: string, instances: number): Labels[] {
  if (labels.has('instance')) return [labels];
  const own = { job, ...labels.toJSON() };
  return Array.from({ length: instances }, (_, i) => Labels.from({ ...own, instance: `${job}-${i + 1}` }));
}
