import { CorruptBlockError } from '../../chunkenc/corrupt-block-error.ts';
import { decodeLabelsBlock } from '../../chunkenc/decode-labels-block.ts';
import { SeriesCollisionError } from '../errors.ts';
import type { IdentifySeries } from '../series-identity.ts';
import { decodeItem } from './decode-item.ts';
import { readItems } from './read-items.ts';
import { SeriesMap } from './series-map.ts';
import type { Table } from './table.ts';

interface Named {
  readonly check: number;
  readonly metric: string;
}

/** The metric names of the series of one day, by id. */
export class MetricNames {
  readonly #pk: string;
  readonly #names: SeriesMap<Named>;

  private constructor(pk: string, names: SeriesMap<Named>) {
    this.#pk = pk;
    this.#names = names;
  }

  /**
   * Reads all labels blocks of a day.
   *
   * @throws SeriesCollisionError when two label sets share an id: their samples cannot be told apart.
   */
  static async read(table: Table, pk: string, identify: IdentifySeries, now: number): Promise<MetricNames> {
    const names = new SeriesMap<Named>();
    for await (const items of readItems(table, { pk, now })) {
      for (const item of items) {
        for (const labels of decodeItem(pk, item, decodeLabelsBlock)) {
          const { id, high, low, check } = identify(labels);
          const known = names.get(high, low);
          if (known === undefined) names.add(high, low, { check, metric: labels.metricName });
          else if (known.check !== check) {
            throw new SeriesCollisionError(`cannot compact series ${id}: two label sets of ${pk} share this id`);
          }
        }
      }
    }
    return new MetricNames(pk, names);
  }

  /** @throws CorruptBlockError when the labels are missing: samples are only written after them. */
  of(high: number, low: number): string {
    const named = this.#names.get(high, low);
    if (named === undefined) {
      const id = (BigInt(high) * 2n ** 32n + BigInt(low)).toString(16).padStart(16, '0');
      throw new CorruptBlockError(`cannot compact series ${id}: ${this.#pk} has no labels of it`);
    }
    return named.metric;
  }
}
