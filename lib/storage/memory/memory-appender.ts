import type { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { Sample } from '../../model/sample.ts';
import { checkSample } from '../check-sample.ts';
import type { Appender, CommitReport, RetentionClass } from '../interface.ts';
import type { MemoryTenant } from './memory-storage.ts';

/** Holds samples back until commit, so that a reader sees all of a commit or nothing. */
export class MemoryAppender implements Appender {
  readonly #tenant: MemoryTenant;
  readonly #retentionClass: RetentionClass;
  readonly #now: () => number;
  readonly #samples: [Labels, Sample][] = [];
  readonly #metadata: MetricMetadata[] = [];

  constructor(tenant: MemoryTenant, retentionClass: RetentionClass, now: () => number) {
    this.#tenant = tenant;
    this.#retentionClass = retentionClass;
    this.#now = now;
  }

  append(labels: Labels, sample: Sample): void {
    checkSample(labels, sample, this.#now());
    this.#samples.push([labels, sample]);
  }

  appendMetadata(metadata: MetricMetadata): void {
    this.#metadata.push(metadata);
  }

  async commit(): Promise<CommitReport> {
    let newSeries = 0;
    for (const [labels, { timestamp, value, startTimestamp }] of this.#samples) {
      const { column, isNew } = this.#tenant.column(labels, this.#retentionClass);
      column.push(timestamp, value, startTimestamp);
      if (isNew) newSeries++;
    }
    for (const metadata of this.#metadata) this.#tenant.metadata.set(metadata.metricFamilyName, metadata);
    return { samples: this.#samples.length, newSeries, items: 0, bytes: 0, writeUnits: 0 };
  }
}
