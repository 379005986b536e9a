import type { Histogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { Sample } from '../../model/sample.ts';
import { checkHistogram, checkSample } from '../check-sample.ts';
import type { Appender, CommitReport, RetentionClass } from '../interface.ts';
import type { MemoryTenant } from './memory-storage.ts';

/** Holds samples back until commit, so that a reader sees all of a commit or nothing. */
export class MemoryAppender implements Appender {
  readonly #tenant: MemoryTenant;
  readonly #retentionClass: RetentionClass;
  readonly #now: () => number;
  readonly #samples: [Labels, Sample][] = [];
  readonly #histograms: [Labels, Histogram][] = [];
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

  appendHistogram(labels: Labels, histogram: Histogram): void {
    checkHistogram(labels, histogram, this.#now());
    this.#histograms.push([labels, histogram]);
  }

  appendMetadata(metadata: MetricMetadata): void {
    this.#metadata.push(metadata);
  }

  async commit(): Promise<CommitReport> {
    let newSeries = 0;
    const builderOf = (labels: Labels) => {
      const { builder, isNew } = this.#tenant.builder(labels, this.#retentionClass);
      if (isNew) newSeries++;
      return builder;
    };
    for (const [labels, sample] of this.#samples) builderOf(labels).push(sample);
    for (const [labels, histogram] of this.#histograms) builderOf(labels).pushHistogram(histogram);
    for (const metadata of this.#metadata) this.#tenant.metadata.set(metadata.metricFamilyName, metadata);
    const samples = this.#samples.length + this.#histograms.length;
    return { samples, newSeries, items: 0, bytes: 0, writeUnits: 0 };
  }
}
