import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Histogram } from '../../lib/model/histogram.ts';
import type { Labels } from '../../lib/model/labels.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { InvalidSampleError } from '../../lib/storage/errors.ts';
import type { RetentionClass, Series, Storage } from '../../lib/storage/interface.ts';
import { arbitraryHistogram, STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';
import { ALL, DAY, HOUR, NOW, newTenant, RETENTION, type StorageFactory, series, spell } from './storage-fixture.ts';

/** The part of the contract of a store that is about native histograms. */
export function storageHistogramsSuite(name: string, factory: StorageFactory, propertyRuns: number): void {
  describe(`${name}: native histograms`, () => {
    const start = () => factory({ retention: RETENTION, now: () => NOW });

    it('returns them beside floats of the same series, each time once', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const report = await writeMixed(storage, tenant, [
        [series('latency'), { timestamp: NOW - 2000, value: 1 }],
        [series('latency'), histogram(NOW - 1000, 3)],
        [series('latency'), { timestamp: NOW, value: 2 }],
        [series('other'), histogram(NOW - 3 * HOUR, 4)],
      ]);
      expect(report).toMatchObject({ samples: 4, newSeries: 2 });
      const [latency, other] = await open().querier(tenant).select(ALL);
      expect([...(latency?.floats.timestamps ?? [])]).toEqual([NOW - 2000, NOW]);
      expect(latency?.histograms?.histograms).toEqual([histogram(NOW - 1000, 3)]);
      expect([...(latency?.histograms?.timestamps ?? [])]).toEqual([NOW - 1000]);
      expect(other?.floats.timestamps).toHaveLength(0);
      expect(other?.histograms?.histograms).toEqual([histogram(NOW - 3 * HOUR, 4)]);
      const range = { mint: NOW - 1000, maxt: NOW - 1000 };
      const [middle] = await open().querier(tenant).select(range);
      expect(middle?.floats.timestamps).toHaveLength(0);
      expect(middle?.histograms?.histograms).toEqual([histogram(NOW - 1000, 3)]);
      expect(await open().querier(tenant).series(range)).not.toHaveLength(0);
      expect((await open().querier(tenant).select({ mint: NOW, maxt: NOW }))[0]).not.toHaveProperty('histograms');
    });

    it('keeps stale markers, and lets them give way to what was measured', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const stale = { ...STALE_HISTOGRAM, timestamp: NOW };
      await writeMixed(storage, tenant, [
        [series('ended'), stale],
        [series('float'), { timestamp: NOW, value: -1 }],
        [series('float'), stale],
        [series('histogram'), stale],
        [series('histogram'), histogram(NOW, 1)],
      ]);
      const [ended, float, kept] = await storage.querier(tenant).select(ALL);
      expect(isStaleNaN(ended?.histograms?.histograms[0]?.sum ?? 0)).toBe(true);
      expect(float).not.toHaveProperty('histograms');
      expect([...(float?.floats.values ?? [])]).toEqual([-1]);
      expect(kept?.histograms?.histograms).toEqual([histogram(NOW, 1)]);
    });

    it('returns them as long as their class is kept', async () => {
      let now = NOW;
      const { open } = await factory({ retention: RETENTION, now: () => now });
      const tenant = newTenant();
      await writeMixed(open(), tenant, [[series('h'), histogram(NOW, 1)]], 'normalised');
      now = NOW + 2 * DAY;
      expect(await open().querier(tenant).select(ALL)).toHaveLength(1);
      now += 1;
      expect(await open().querier(tenant).select(ALL)).toEqual([]);
    });

    it.each<[string, Partial<Histogram>, string]>([
      ['an unknown schema', { schema: 9 }, 'unknown schema 9'],
      ['buckets that its spans do not hold', { positiveDeltas: [1, 2] }, 'do not fit its buckets'],
      ['a fraction of a time', { timestamp: 1.5 }, 'timestamp 1.5 is not'],
    ])('refuses a histogram with %s', async (_, change, text) => {
      const { open } = await start();
      const appender = open().appender(newTenant(), 'derived');
      const append = () => appender.appendHistogram(series('h'), { ...histogram(NOW, 1), ...change });
      expect(append).toThrow(InvalidSampleError);
      expect(append).toThrow(text);
    });

    it('answers alike in whatever order, commits and classes they came', async () => {
      const { open } = await start();
      const time = fc.integer({ min: 0, max: 4 }).map((i) => NOW - i * HOUR);
      const point = fc.oneof(
        arbitraryHistogram(time),
        fc.record({ timestamp: time, value: fc.constantFrom(1, 2, STALE_NAN, Number.NaN) }),
      );
      const points = fc.array(
        fc.tuple(fc.constantFrom('a', 'b'), point, fc.constantFrom<RetentionClass>('normalised', 'derived')),
        { minLength: 1, maxLength: 12 },
      );
      const answer = async (all: readonly (readonly [string, Sample | Histogram, RetentionClass])[], cut: number) => {
        const [storage, tenant] = [open(), newTenant()];
        for (const part of [all.slice(0, cut), all.slice(cut)]) {
          for (const of of ['normalised', 'derived'] as const) {
            const written = part.filter((one) => one[2] === of).map(([metric, one]) => [series(metric), one] as const);
            await writeMixed(storage, tenant, written, of);
          }
        }
        return (await open().querier(tenant).select(ALL)).map(spellAll);
      };
      await fc.assert(
        fc.asyncProperty(points, fc.nat({ max: 12 }), fc.nat({ max: 12 }), async (all, cut, other) => {
          const once = await answer(all, cut);
          expect(await answer([...all].reverse(), other)).toEqual(once);
          expect(await answer([...all, ...all.slice(other)], cut)).toEqual(once);
        }),
        { numRuns: Math.ceil(propertyRuns / 3) },
      );
    }, 120_000);
  });
}

/** A histogram of `count` observations in one bucket. */
function histogram(timestamp: number, count: number): Histogram {
  return {
    ...STALE_HISTOGRAM,
    timestamp,
    schema: 3,
    count,
    sum: count / 4,
    positiveSpans: [{ offset: -5, length: 1 }],
    positiveDeltas: [count],
  };
}

async function writeMixed(
  storage: Storage,
  tenant: string,
  samples: readonly (readonly [Labels, Sample | Histogram])[],
  retentionClass: RetentionClass = 'derived',
) {
  const appender = storage.appender(tenant, retentionClass);
  for (const [labels, sample] of samples) {
    if ('value' in sample) appender.append(labels, sample);
    else appender.appendHistogram(labels, sample);
  }
  return appender.commit();
}

/** Everything of a series, markers and zeros told apart. */
function spellAll({ labels, floats, histograms }: Series): unknown {
  return {
    series: String(labels),
    floats: [...floats.timestamps].map((timestamp, i) => [timestamp, spell(floats.values[i] as number)]),
    histograms: histograms?.histograms.map((one) => ({ ...one, sum: spell(one.sum) })),
    times: histograms && [...histograms.timestamps],
  };
}
