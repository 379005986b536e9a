import type { Labels } from '../../model/labels.ts';
import type { IdentifySeries, SeriesIdentity } from '../series-identity.ts';

/** A series that this process has written to. */
export interface WrittenSeries {
  readonly labels: Labels;
  readonly identity: SeriesIdentity;
  /** The partition of labels blocks that durably has it; `''` for none that is known. */
  storedIn: string;
  /** The batch it was last put into, and its number there. */
  batch: object | undefined;
  number: number;
}

/**
 * What a process remembers of series for as long as somebody holds their labels. Who writes the same series again and
 * again passes the same `Labels`, so its identity, a SHA-256, is computed once.
 */
export class WrittenSeriesMemo {
  readonly #identify: IdentifySeries;
  readonly #known = new WeakMap<Labels, WrittenSeries>();

  constructor(identify: IdentifySeries) {
    this.#identify = identify;
  }

  get(labels: Labels): WrittenSeries | undefined {
    return this.#known.get(labels);
  }

  add(labels: Labels): WrittenSeries {
    const series = { labels, identity: this.#identify(labels), storedIn: '', batch: undefined, number: 0 };
    this.#known.set(labels, series);
    return series;
  }
}
