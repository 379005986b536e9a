import type { Segment } from '../../storage/interface.ts';
import type { VectorSelector } from '../ast.ts';
import { withDetectedResets } from '../histogram/reset-hints-of-series.ts';
import type { RangeSeries } from '../value.ts';
import { type LoadedSeries, withoutStaleMarkers } from './loaded-series.ts';

/** What the store answered for one or more equal selectors. */
export class LoadedSelection {
  readonly series: readonly LoadedSeries[];
  #ranges: readonly RangeSeries[] | undefined;

  constructor(series: readonly LoadedSeries[]) {
    this.series = series;
  }

  /** The parts of time that were answered from windows. */
  get segments(): readonly Segment[] {
    return this.series.find(({ downsampled }) => downsampled !== undefined)?.downsampled?.segments ?? [];
  }

  /** The same series with definite reset hints. */
  withDetectedResets(): LoadedSelection {
    if (this.series.every(({ histograms }) => histograms.length === 0)) return this;
    const series = this.series.map((one) => ({ ...one, histograms: withDetectedResets(one.histograms) }));
    return new LoadedSelection(series);
  }

  /** The same series without stale markers, for windows. */
  get ranges(): readonly RangeSeries[] {
    this.#ranges ??= this.series.map(withoutStaleMarkers);
    return this.#ranges;
  }
}

/** The loaded samples of every selector of a query. They may reach beyond what one selector asked for. */
export class LoadedSelectors {
  readonly #selections: ReadonlyMap<VectorSelector, LoadedSelection>;

  constructor(selections: ReadonlyMap<VectorSelector, LoadedSelection>) {
    this.#selections = selections;
  }

  of(selector: VectorSelector): LoadedSelection {
    const selection = this.#selections.get(selector);
    if (selection === undefined) throw new Error(`BUG: nothing was loaded for ${selector.matchers.join(',')}`);
    return selection;
  }
}
