import type { Appender, Storage } from '../../lib/storage/interface.ts';
import { floatText, histogramText, type Observations, type Point, pointOf } from './observations.ts';

/** A store that passes everything on, and notes what was to be written and what was reported written. */
export function watchedStorage(storage: Storage, observations: Observations): Storage {
  return {
    querier: (tenant) => storage.querier(tenant),
    appender: (tenant, retentionClass) => watched(storage.appender(tenant, retentionClass), tenant, observations),
  };
}

function watched(appender: Appender, tenant: string, observations: Observations): Appender {
  const points: Point[] = [];
  return {
    append: (labels, sample) => {
      appender.append(labels, sample);
      points.push(pointOf(labels, sample.timestamp, floatText(sample.value)));
    },
    appendHistogram: (labels, histogram) => {
      appender.appendHistogram(labels, histogram);
      points.push(pointOf(labels, histogram.timestamp, histogramText(histogram.sum)));
    },
    appendMetadata: (metadata) => appender.appendMetadata(metadata),
    commit: async () => {
      observations.compute(tenant, points);
      const report = await appender.commit();
      observations.commit(tenant, points);
      return report;
    },
  };
}
