import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFamilies } from '../../../lib/api/federate/encode-families.ts';
import type { FederatedSample } from '../../../lib/api/federate/federated-sample.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '../../../lib/model/histogram.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import { toFloatHistogram } from '../../../lib/promql/histogram/convert.ts';
import { histogramsEqual } from '../../../lib/promql/histogram/equals.ts';
import { openPage } from '../../../lib/textparse/open-page.ts';
import { arbitraryHistogram } from '../../model/arbitrary-histogram.ts';

const T = 1_763_800_000_000;

type Entry = readonly [series: string, timestamp: number | undefined, value: number | Histogram];

/** Every entry of a page, as our own parser of exposition pages reads it; types as `# TYPE`. */
function parse(samples: readonly FederatedSample[]): { readonly entries: Entry[]; readonly types: string[] } {
  const page = encodeFamilies(samples, 'allow-utf-8');
  const parser = openPage(page, { syntax: 'protobuf', escaping: 'allow-utf-8' }, { normalizesBounds: false });
  const [entries, types]: [Entry[], string[]] = [[], []];
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    const series = () => String(Labels.from(parser.series.labels));
    if (kind === 'type') types.push(`${parser.metadata.metricFamilyName} ${parser.metadata.type}`);
    if (kind === 'sample') entries.push([series(), parser.timestamp, parser.value]);
    if (kind === 'histogram') entries.push([series(), parser.timestamp, parser.histogram]);
  }
  return { entries, types };
}

const real = arbitraryHistogram(fc.constant(T)).filter(({ sum }) => !isStaleNaN(sum));
const labels = Labels.from({ __name__: 'latency', instance: 'i', path: '/ü"' });

describe('encodeFamilies', () => {
  it('writes floats as untyped, with the empty instance that keeps a scraper from adding its own', () => {
    const samples = [1, -0, Number.NaN, Number.POSITIVE_INFINITY].map((value, i) => ({
      labels: Labels.from({ __name__: 'x', n: String(i) }),
      timestamp: T + i,
      value,
    }));
    const { entries, types } = parse(samples);
    expect(entries).toEqual(samples.map(({ value }, i) => [`x{n="${i}"}`, T + i, value]));
    expect(types).toEqual(['x unknown']);
  });

  it('gives back exponential histograms as float histograms', () => {
    fc.assert(
      fc.property(
        real.filter(({ schema }) => schema !== CUSTOM_BUCKETS_SCHEMA),
        (histogram) => {
          const value = toFloatHistogram(histogram);
          const { entries, types } = parse([{ labels, timestamp: T, value }]);
          const [series, timestamp, found] = entries.at(-1) as Entry;
          expect([series, timestamp]).toEqual([String(labels), T]);
          expect(histogramsEqual(toFloatHistogram(found as Histogram), value)).toBe(true);
          expect((found as Histogram).resetHint).toBe(histogram.resetHint === 'gauge' ? 'gauge' : 'unknown');
          expect(types).toEqual([histogram.resetHint === 'gauge' ? 'latency gaugehistogram' : 'latency histogram']);
        },
      ),
    );
  });

  it('gives histograms with custom buckets the classic form', () => {
    fc.assert(
      fc.property(
        real.filter(({ schema }) => schema === CUSTOM_BUCKETS_SCHEMA),
        (histogram) => {
          const { entries } = parse([{ labels, timestamp: T, value: toFloatHistogram(histogram) }]);
          const of = (suffix: string) => entries.filter(([series]) => series.startsWith(`latency_${suffix}`));
          expect(of('count')[0]?.[2]).toBe(histogram.count);
          expect(of('sum')[0]?.[2]).toEqual(histogram.sum);
          const buckets = of('bucket').map(([, , value]) => value as number);
          expect(buckets).toHaveLength(histogram.customValues.length + 1);
          expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('starts a family anew where a name has samples of another kind', () => {
    const value = toFloatHistogram(fc.sample(real, { numRuns: 1, seed: 3 })[0] as Histogram);
    const gauge = { ...value, resetHint: 'gauge' as const };
    const counter = { ...value, resetHint: 'no' as const };
    const kinds = [1, counter, counter, gauge, 2].map((one, i) => ({
      labels: Labels.from({ __name__: 'x', n: String(i) }),
      timestamp: T,
      value: one,
    }));
    expect(parse(kinds).types).toEqual(['x unknown', 'x histogram', 'x gaugehistogram', 'x unknown']);
  });
});
