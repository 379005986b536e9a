import type { Labels } from '../model/labels.ts';
import { STALE_NAN } from '../model/stale-marker.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import type { Appender, Series } from '../storage/interface.ts';
import type { RuleOutcome } from './query-source-finish.ts';

/** Nobody sees a series whose last sample lies further back, ms. */
const LOOKBACK_MS = 5 * 60_000;

/** What is held in memory stays small, and progress is written often. */
export const MAX_TIMES_AT_ONCE = 30;

/** What a rule gave last. */
interface LastResult {
  readonly time: number;
  readonly series: ReadonlyMap<string, Labels>;
}

/**
 * What one warm function knows of a source: its connections, and the series that each rule gave last. Without it vanished
 * series end five minutes later; nothing that is stored would be wrong.
 */
export class QuerySourceMemory {
  readonly client: RemoteClient;
  /** Evaluation times that one range query may ask for: one where more were too much, until nothing is left to catch up. */
  timesAtOnce = MAX_TIMES_AT_ONCE;
  #last = new Map<string, LastResult>();

  constructor(client: RemoteClient) {
    this.client = client;
  }

  /**
   * Appends the results of a run, and a stale marker where a series that its rule gave before is missing.
   * @returns what to call when the samples are durable.
   */
  append(outcomes: readonly RuleOutcome[], times: readonly number[], appender: Appender): () => void {
    const next = new Map(this.#last);
    outcomes.forEach((outcome, rule) => {
      if (outcome.kind === 'failed') return;
      // Rules have no name of their own: two may record one metric. Their place in the plan tells them apart.
      const key = `${rule} ${outcome.rule.rule.record}`;
      let last = next.get(key);
      const byTime = seriesByTime(outcome);
      for (const time of times) {
        const present = byTime.get(time) ?? new Map<string, Labels>();
        if (last !== undefined && time > last.time && time - last.time < LOOKBACK_MS) {
          for (const [series, labels] of last.series) {
            if (!present.has(series)) appender.append(labels, { timestamp: time, value: STALE_NAN });
          }
        }
        last = { time, series: present };
      }
      if (last !== undefined) next.set(key, last);
      for (const series of outcome.series) appendSeries(series, appender);
    });
    return () => {
      this.#last = next;
    };
  }
}

function appendSeries({ labels, floats, histograms }: Series, appender: Appender): void {
  for (const histogram of histograms?.histograms ?? []) appender.appendHistogram(labels, histogram);
  for (const [i, timestamp] of floats.timestamps.entries()) {
    appender.append(labels, { timestamp, value: floats.values[i] as number });
  }
}

function seriesByTime({ series }: Extract<RuleOutcome, { kind: 'computed' }>): Map<number, Map<string, Labels>> {
  const byTime = new Map<number, Map<string, Labels>>();
  for (const { labels, floats, histograms } of series) {
    for (const time of [...floats.timestamps, ...(histograms?.timestamps ?? [])]) {
      const present = byTime.get(time);
      if (present === undefined) byTime.set(time, new Map([[labels.key, labels]]));
      else present.set(labels.key, labels);
    }
  }
  return byTime;
}
