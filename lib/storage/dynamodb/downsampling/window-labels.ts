import { CorruptBlockError } from '../../../chunkenc/corrupt-block-error.ts';
import { decodeLabelsBlock } from '../../../chunkenc/decode-labels-block.ts';
import type { Labels } from '../../../model/labels.ts';
import { DAY_MS } from '../../retention-window.ts';
import { buildLabelsBlocks } from '../build-labels-blocks.ts';
import type { CompactorParts } from '../compactor-parts.ts';
import { decodeItem } from '../decode-item.ts';
import { expiry, labelsKey, writtenSortKey } from '../keys.ts';
import { readItems } from '../read-items.ts';
import type { Identified } from '../sample-kind.ts';
import { contentHash, type TableItem } from '../table.ts';
import { writeItems } from '../write-items.ts';
import { SPAN_MS, spanOf, windowLabelsKey } from './window-keys.ts';

/** The labels of the series of one day, which have to be kept as long as their windows. */
export class WindowLabels {
  readonly #parts: CompactorParts;
  readonly #unit: number;
  /** By id, labels of the day's samples, read when they are needed first; then of the day after. */
  readonly #known = new Map<string, Labels>();
  #nextDay = 0;
  /** `key` of the label sets that the span has for as long as windows are kept. */
  #written: Set<string> | undefined;

  constructor(parts: CompactorParts, unit: number) {
    this.#parts = parts;
    this.#unit = unit;
  }

  /**
   * Writes the labels of series that the span does not have yet; resolves with what it wrote.
   *
   * @throws CorruptBlockError where a series has no labels.
   */
  async keep(series: readonly Identified[], days: number): Promise<readonly TableItem[]> {
    const { table, tenant, now } = this.#parts;
    const span = spanOf(this.#unit);
    const pk = windowLabelsKey(tenant, span);
    const ttlSeconds = expiry(span, SPAN_MS, days);
    this.#written ??= new Set((await this.#read(pk, ttlSeconds)).map(({ key }) => key));
    const missing: Labels[] = [];
    for (const { identity } of series) {
      const labels = await this.#of(identity);
      if (this.#written.has(labels.key)) continue;
      this.#written.add(labels.key);
      missing.push(labels);
    }
    const items = buildLabelsBlocks(missing).map((payload): TableItem => {
      const sk = writtenSortKey(now(), contentHash(payload));
      return { pk, sk, payload, ttlSeconds };
    });
    await writeItems(table, items);
    return items;
  }

  async #of({ id }: Identified['identity']): Promise<Labels> {
    // A series that begins at midnight has its labels in the day that begins then.
    for (let labels = this.#known.get(id); ; labels = this.#known.get(id)) {
      if (labels !== undefined) return labels;
      if (this.#nextDay > 1) break;
      await this.#readDay(this.#unit + this.#nextDay++ * DAY_MS);
    }
    throw new CorruptBlockError(`cannot downsample series ${id}: day ${this.#unit} has no labels of it`);
  }

  async #readDay(day: number): Promise<void> {
    const { tenant, retentionClass, identify } = this.#parts;
    for (const labels of await this.#read(labelsKey(tenant, retentionClass, day))) {
      this.#known.set(identify(labels).id, labels);
    }
  }

  /** Those that expire at `ttlSeconds` or later. */
  async #read(pk: string, ttlSeconds = 0): Promise<Labels[]> {
    const found: Labels[] = [];
    for await (const items of readItems(this.#parts.table, { pk, now: this.#parts.now() })) {
      for (const item of items) {
        if (item.ttlSeconds >= ttlSeconds) found.push(...decodeItem(pk, item, decodeLabelsBlock));
      }
    }
    return found;
  }
}
