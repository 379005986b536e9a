import type { Labels } from '../model/labels.ts';
import { METRIC_NAME } from '../model/labels.ts';
import type { PageSeries } from './page-parser.ts';

/** A series that the cache remembers, and what the page in progress has shown of it. */
export class KnownSeries implements PageSeries {
  readonly labels: Labels;
  readonly metricName: string;
  #page = 0;
  /** Of its first sample on the page; NaN stands for none. */
  #timestamp = Number.NaN;
  #otherTimestamps: Set<number> | undefined;
  #memberKey: string | undefined;
  #memberBound = '';

  constructor(labels: Labels) {
    this.labels = labels;
    this.metricName = labels.metricName;
  }

  /** Notes a sample; true where the page has had one with the same timestamp (NaN: without any) before. */
  isRepeated(page: number, timestamp: number): boolean {
    if (this.#page !== page) {
      this.#page = page;
      this.#timestamp = timestamp;
      this.#otherTimestamps = undefined;
      return false;
    }
    if (Object.is(timestamp, this.#timestamp)) return true;
    this.#otherTimestamps ??= new Set();
    if (this.#otherTimestamps.has(timestamp)) return true;
    this.#otherTimestamps.add(timestamp);
    return false;
  }

  /**
   * What all series of one metric of a family have in common: the labels but for the name and the bound (`le`,
   * `quantile`). Equal keys mean equal metrics.
   */
  memberKey(boundLabel: string): string {
    if (this.#memberKey === undefined || this.#memberBound !== boundLabel) {
      this.#memberKey = this.labels.without(METRIC_NAME, boundLabel).key;
      this.#memberBound = boundLabel;
    }
    return this.#memberKey;
  }
}
