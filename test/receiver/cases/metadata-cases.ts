import { METRIC_TYPES, type MetricMetadata } from '../../../lib/model/metadata.ts';
import { labels, nativeHistogram, sampled, series, v1, v2 } from '../messages.ts';
import { accepted, answered, type ReceiverCase, refused } from './receiver-case.ts';

const name = (suffix: string) => labels('__name__', `suite_metadata_${suffix}`, 'job', 'suite');

function described(type: MetricMetadata['type'], help = 'What it is.', unit = 'bytes') {
  return sampled(name(type), 1, { metadata: { type, help, unit } });
}

/** Metadata: per series in 2.0, per family in 1.0. */
export const METADATA_CASES: readonly ReceiverCase[] = [
  ...METRIC_TYPES.map((type) => accepted(`metadata of type ${type}`, () => v2(described(type)), [1, 0, 0])),
  accepted('metadata without help and unit', () => v2(described('counter', '', '')), [1, 0, 0]),
  accepted('metadata with special characters', () => v2(described('gauge', '"a"\n\\b 🦦', '%')), [1, 0, 0]),
  accepted(
    'metadata of several series',
    () => v2(described('counter'), described('gauge'), described('info')),
    [3, 0, 0],
  ),
  accepted('metadata of a native histogram', histogram, [0, 1, 0]),
  accepted('metadata of a counter with its start', started, [1, 0, 0]),
  accepted('metadata of a series with many labels', manyLabels, [1, 0, 0]),
  accepted('metadata without a sample', () => v2({ ...described('gauge'), samples: [] }), [0, 0, 0], {
    level: 'choice',
  }),
  accepted('help of 20 KiB', () => v2(described('gauge', 'x'.repeat(20_480))), [1, 0, 0], { level: 'choice' }),
  refused('metadata of a series without a name', () => v2({ ...described('gauge'), labels: labels('job', 'x') })),
  refused('metadata of a series with an empty name', () =>
    v2({ ...described('gauge'), labels: labels('__name__', '') }),
  ),
  answered('1.0: metadata alone', () => v1([], families('suite_a', 'suite_b')), 204),
  answered('1.0: metadata and samples', () => v1([sampled(name('both'))], families('suite_metadata_both')), 204),
  answered('1.0: metadata without a family', () => v1([sampled(name('no_family'))], families('')), 204, {
    level: 'choice',
  }),
];

function families(...names: readonly string[]): MetricMetadata[] {
  return names.map((metricFamilyName) => ({ metricFamilyName, type: 'gauge', help: 'A thing.', unit: '' }));
}

function histogram() {
  const metadata = { type: 'histogram', help: 'How long.', unit: 'seconds' } as const;
  return v2(series(name('seconds'), { histograms: [nativeHistogram()], metadata }));
}

function started() {
  const timestamp = Date.now();
  const samples = [{ timestamp, value: 1, startTimestamp: timestamp - 1000 }];
  return v2({ ...described('counter'), samples });
}

function manyLabels() {
  const pairs = Array.from({ length: 20 }, (_, i) => [`label_${String(i).padStart(2, '0')}`, `value ${i}`]).flat();
  return v2({ ...described('gauge'), labels: labels('__name__', 'suite_metadata_many', ...pairs) });
}
