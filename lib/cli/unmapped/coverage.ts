import type { MetricFamily } from '../../plan/unmapped/metric-family.ts';
import { type Suggestion, suggestSignals } from '../../plan/unmapped/suggest-signals.ts';
import type { PackReader } from './pack-readers.ts';

/** Who reads which metrics. */
export interface Coverage {
  /** Packs in use that read any of them. */
  readonly read: readonly PackCoverage[];
  /** Packs that would read what no pack in use reads. */
  readonly available: readonly PackCoverage[];
  /** What no pack reads. */
  readonly suggestions: readonly Suggestion[];
}

export interface PackCoverage {
  readonly pack: string;
  readonly families: readonly MetricFamily[];
}

/**
 * Sorts families by who reads them. What a scrape adds to every series by itself (`up`, `scrape_*`) is nobody's to map and
 * left out.
 */
export function coverageOf(families: readonly MetricFamily[], readers: readonly PackReader[]): Coverage {
  const own = families.filter(({ name }) => !OF_SCRAPES.test(name));
  const readBy = (reader: PackReader, among: readonly MetricFamily[]) =>
    among.filter(({ series }) => series.some((labels) => reader.selects(labels)));
  const covered = (isUsed: boolean, among: readonly MetricFamily[]): PackCoverage[] =>
    readers
      .filter((reader) => reader.isUsed === isUsed)
      .map((reader) => ({ pack: reader.name, families: readBy(reader, among) }))
      .filter(({ families: found }) => found.length > 0);
  const read = covered(true, own);
  const unread = without(own, read);
  const available = covered(false, unread);
  return { read, available, suggestions: suggestSignals(without(unread, available)) };
}

const OF_SCRAPES = /^(up|scrape_\w+|ALERTS|ALERTS_FOR_STATE|promhttp_metric_handler_\w+|\w+_created|asserts:.*)$/;

function without(families: readonly MetricFamily[], covered: readonly PackCoverage[]): MetricFamily[] {
  const known = new Set(covered.flatMap(({ families: found }) => found));
  return families.filter((family) => !known.has(family));
}
