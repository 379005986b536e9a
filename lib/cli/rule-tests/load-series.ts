import { toWireHistogram } from '../../promql/histogram/convert.ts';
import type { SequenceValue } from '../../promql/notation/sequence-value.ts';
import { storedResetHints } from '../../promql/notation/stored-reset-hints.ts';
import type { Appender, Querier } from '../../storage/interface.ts';
import { MemoryStorage } from '../../storage/memory/memory-storage.ts';
import type { TestGroup, TestSeries } from './test-file.ts';

const TENANT = 'test';

/** The input series of a test as a store. Of a series that is there twice the later one counts, as in promtool. */
export async function loadSeries({ input, interval, start }: TestGroup): Promise<Querier> {
  const storage = new MemoryStorage();
  const appender = storage.appender(TENANT, 'normalised');
  const last = new Map(input.map((series) => [series.labels.key, series]));
  for (const series of last.values()) append(series, appender, interval, start);
  await appender.commit();
  return storage.querier(TENANT);
}

function append({ labels, values }: TestSeries, appender: Appender, interval: number, start: number): void {
  const hints = storedResetHints(values.map(histogramOf));
  for (const [i, value] of values.entries()) {
    const timestamp = start + i * interval;
    if (value.kind === 'float') appender.append(labels, { timestamp, value: value.value });
    if (value.kind !== 'histogram') continue;
    const resetHint = hints[i] ?? 'unknown';
    appender.appendHistogram(labels, toWireHistogram({ ...value.histogram, resetHint }, timestamp));
  }
}

function histogramOf(value: SequenceValue) {
  return value.kind === 'histogram' ? value.histogram : undefined;
}

/** A store of which nothing after `till` (ms) has come in yet. */
export function clipped(querier: Querier, till: number): Querier {
  return {
    select: (hints, ...matchers) => querier.select({ ...hints, maxt: Math.min(hints.maxt, till) }, ...matchers),
    series: (hints, ...matchers) => querier.series({ ...hints, maxt: Math.min(hints.maxt, till) }, ...matchers),
    labelNames: (hints, ...matchers) => querier.labelNames(hints, ...matchers),
    labelValues: (name, hints, ...matchers) => querier.labelValues(name, hints, ...matchers),
    metadata: (metric) => querier.metadata(metric),
  };
}
