import { CorruptBlockError } from '../../chunkenc/corrupt-block-error.ts';
import { decodeLabelsBlock } from '../../chunkenc/decode-labels-block.ts';
import type { Labels } from '../../model/labels.ts';
import { SeriesCollisionError } from '../errors.ts';
import type { IdentifySeries } from '../series-identity.ts';
import { decodeItem } from './decode-item.ts';
import { readItems } from './read-items.ts';
import { SeriesPlaces } from './series-places.ts';
import type { Table } from './table.ts';

interface Named {
  readonly high: number;
  readonly low: number;
  readonly check: number;
  readonly metric: string;
}

/** The metric names of the series of one day, by id: some thirty bytes a series. */
export class MetricNames {
  readonly #pk: string;
  /** Sort keys of the blocks that were read: their contents never change. */
  readonly #read = new Set<string>();
  readonly #places = new SeriesPlaces();
  /** By place. */
  readonly #checks: number[] = [];
  readonly #metrics: string[] = [];

  /** `pk` is the partition of the day's labels. */
  constructor(pk: string) {
    this.#pk = pk;
  }

  get pk(): string {
    return this.#pk;
  }

  /**
   * Reads what labels blocks of the day were not read yet.
   *
   * @throws SeriesCollisionError when two label sets share an id: their samples cannot be told apart.
   */
  async refresh(table: Table, identify: IdentifySeries, now: number): Promise<void> {
    for await (const items of readItems(table, { pk: this.#pk, now })) {
      for (const item of items) {
        if (this.#read.has(item.sk)) continue;
        this.#addAll(decodeItem(this.#pk, item, decodeLabelsBlock), identify);
        this.#read.add(item.sk);
      }
    }
  }

  /** @throws CorruptBlockError when the labels are missing: samples are only written after them. */
  of(high: number, low: number): string {
    const metric = this.#metrics[this.#places.find(high, low)];
    if (metric === undefined) {
      throw new CorruptBlockError(`cannot compact series ${toId(high, low)}: ${this.#pk} has no labels of it`);
    }
    return metric;
  }

  #addAll(series: readonly Labels[], identify: IdentifySeries): void {
    const named = series.map((labels): Named => {
      const { high, low, check } = identify(labels);
      return { high, low, check, metric: labels.metricName };
    });
    const unique = named.sort(byId).filter((one, i) => i === 0 || !this.#isSame(named[i - 1] as Named, one));
    const places = this.#places.placesOf(
      Uint32Array.from(unique, ({ high }) => high),
      Uint32Array.from(unique, ({ low }) => low),
    );
    for (const [i, { high, low, check, metric }] of unique.entries()) {
      const place = places[i] as number;
      if (place < this.#checks.length && this.#checks[place] !== check) throw this.#collision(high, low);
      this.#checks[place] = check;
      this.#metrics[place] = metric;
    }
  }

  /** Whether neighbours are one series; they must not only share an id. */
  #isSame(a: Named, b: Named): boolean {
    if (a.high !== b.high || a.low !== b.low) return false;
    if (a.check !== b.check) throw this.#collision(a.high, a.low);
    return true;
  }

  #collision(high: number, low: number): SeriesCollisionError {
    return new SeriesCollisionError(
      `cannot compact series ${toId(high, low)}: two label sets of ${this.#pk} share this id`,
    );
  }
}

function byId(a: Named, b: Named): number {
  return a.high - b.high || a.low - b.low;
}

function toId(high: number, low: number): string {
  return (BigInt(high) * 2n ** 32n + BigInt(low)).toString(16).padStart(16, '0');
}
