import { compareLabels, METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import { selectedNames } from '../../plan/recorded-series.ts';
import type { Querier, SelectHints, Series } from '../../storage/interface.ts';
import { matchLabels } from '../../storage/match-labels.ts';
import { sliceSeries } from '../../storage/slice-series.ts';

/** What one read of the store brings for all rules: metric names, and the time they are needed for (ms, inclusive). */
export interface SnapshotWindow {
  readonly names: ReadonlySet<string>;
  readonly mint: number;
  readonly maxt: number;
}

/**
 * Reads the window once, when first something of it is asked for, and answers from it whatever lies within; everything
 * else goes to the store. Ten rules over one metric, or over metrics of one block, then cost one read.
 */
export class SnapshotQuerier implements Querier {
  readonly #store: Querier;
  readonly #window: SnapshotWindow;
  #byName: Promise<ReadonlyMap<string, readonly Series[]>> | undefined;

  constructor(store: Querier, window: SnapshotWindow) {
    this.#store = store;
    this.#window = window;
  }

  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    const { names: known, mint, maxt } = this.#window;
    const names = selectedNames(matchers);
    const isInside = names?.every((name) => known.has(name)) && hints.mint >= mint && hints.maxt <= maxt;
    if (names === undefined || !isInside) return this.#store.select(hints, ...matchers);
    this.#byName ??= this.#load();
    const byName = await this.#byName;
    const found = names.flatMap((name) => slices(byName.get(name) ?? [], hints, matchers));
    if (names.length > 1) found.sort((a, b) => compareLabels(a.labels, b.labels));
    return hints.limit ? found.slice(0, hints.limit) : found;
  }

  series(hints: SelectHints, ...matchers: readonly Matcher[]) {
    return this.#store.series(hints, ...matchers);
  }

  labelNames(hints: SelectHints, ...matchers: readonly Matcher[]) {
    return this.#store.labelNames(hints, ...matchers);
  }

  labelValues(name: string, hints: SelectHints, ...matchers: readonly Matcher[]) {
    return this.#store.labelValues(name, hints, ...matchers);
  }

  metadata(metric?: string) {
    return this.#store.metadata(metric);
  }

  /** No rule's signal ends it: one that gives up takes no other one with it. */
  async #load(): Promise<ReadonlyMap<string, readonly Series[]>> {
    const { names, mint, maxt } = this.#window;
    const alternatives = [...names].map((name) => name.replace(/[\\.+*?()[\]{}^$|]/g, '\\$&')).join('|');
    const matcher = new Matcher('=~', METRIC_NAME, alternatives);
    const series = await this.#store.select({ mint, maxt }, matcher);
    const byName = new Map<string, Series[]>();
    for (const one of series) {
      const list = byName.get(one.labels.metricName);
      if (list === undefined) byName.set(one.labels.metricName, [one]);
      else list.push(one);
    }
    return byName;
  }
}

/** The part of each matching series that lies in [mint, maxt]; series without samples there are left out. */
function slices(all: readonly Series[], { mint, maxt }: SelectHints, matchers: readonly Matcher[]): Series[] {
  const others = matchers.filter(({ name, type }) => name !== METRIC_NAME || (type !== '=' && type !== '=~'));
  return all.flatMap((series) => (matchLabels(series.labels, others) ? (sliceSeries(series, mint, maxt) ?? []) : []));
}
