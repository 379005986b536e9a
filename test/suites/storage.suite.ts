import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Histogram } from '../../lib/model/histogram.ts';
import { Labels } from '../../lib/model/labels.ts';
import { Matcher, type MatchType } from '../../lib/model/matcher.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { InvalidSampleError } from '../../lib/storage/errors.ts';
import type { FloatColumn, Retention, RetentionClass, Series, Storage } from '../../lib/storage/interface.ts';
import { arbitraryHistogram, STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';

/** One store that a test may open several times, as several processes would. */
export interface StorageFixture {
  readonly open: () => Storage;
}

/** Starts a store with nothing of the tenants that a test names; `now` in ms. */
export type StorageFactory = (options: {
  readonly retention: Retention;
  readonly now: () => number;
}) => Promise<StorageFixture>;

const HOUR = 3600_000;
const DAY = 24 * HOUR;
/** 2025-11-22T10:00:00Z, somewhere inside a two-hour bucket's day. */
const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
const RETENTION: Retention = { normalised: { days: 2 }, derived: { days: 400 } };
const ALL = { mint: 0, maxt: Number.MAX_SAFE_INTEGER };

let tenants = 0;
function newTenant(): string {
  return `tenant-${process.pid}-${tenants++}`;
}

/** The contract of a store. Every adapter passes it; a slow one may take fewer `propertyRuns`. */
export function storageSuite(name: string, factory: StorageFactory, { propertyRuns = 300 } = {}): void {
  describe(`${name}: appending and selecting`, () => {
    const start = () => factory({ retention: RETENTION, now: () => NOW });

    it('returns what was committed, sorted by labels and time', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(storage, tenant, [
        [series('up', { job: 'b' }), { timestamp: NOW - 1000, value: 2 }],
        [series('up', { job: 'a' }), { timestamp: NOW, value: 4 }],
        [series('up', { job: 'a' }), { timestamp: NOW - 2000, value: 3.25 }],
      ]);
      expect(plain(await storage.querier(tenant).select(ALL, match('__name__', '=', 'up')))).toEqual([
        [
          'up{job="a"}',
          [
            [NOW - 2000, 3.25],
            [NOW, 4],
          ],
        ],
        ['up{job="b"}', [[NOW - 1000, 2]]],
      ]);
    });

    it('shows nothing before commit', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const appender = storage.appender(tenant, 'derived');
      appender.append(series('up'), { timestamp: NOW, value: 1 });
      expect(await storage.querier(tenant).select(ALL)).toEqual([]);
      await appender.commit();
      expect(await storage.querier(tenant).select(ALL)).toHaveLength(1);
    });

    it('commits an empty batch', async () => {
      const { open } = await start();
      const report = await open().appender(newTenant(), 'derived').commit();
      expect(report).toEqual({ samples: 0, newSeries: 0, items: 0, bytes: 0, writeUnits: 0 });
    });

    it('keeps to inclusive bounds, across buckets and days', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const times = [0, 1, 30 * 60_000, 3 * HOUR, 11 * HOUR, 12 * HOUR, 30 * HOUR].map((ago) => NOW - ago);
      await write(
        storage,
        tenant,
        times.map((timestamp, value) => [series('up'), { timestamp, value }]),
      );
      for (const mint of times) {
        for (const maxt of times.filter((time) => time >= mint)) {
          const [found] = await storage.querier(tenant).select({ mint, maxt });
          const expected = times.filter((time) => time >= mint && time <= maxt).sort((a, b) => a - b);
          expect([...(found?.floats.timestamps ?? [])]).toEqual(expected);
        }
      }
      expect(await storage.querier(tenant).select({ mint: NOW - 29 * 60_000, maxt: NOW - 2 })).toEqual([]);
      expect(await storage.querier(tenant).select({ mint: NOW, maxt: NOW - 1 })).toEqual([]);
    });

    it.each<[string, MatchType, string, string[]]>([
      ['__name__', '=', 'up', ['a', 'b', 'c']],
      ['__name__', '=~', 'up|down', ['a', 'b', 'c', 'd']],
      ['__name__', '=~', 'd.*', ['d']],
      ['__name__', '!=', 'up', ['d']],
      ['job', '=~', '[ab]', ['a', 'b']],
      ['job', '!~', 'a|b', ['c', 'd']],
      ['zone', '=', '', ['a', 'b', 'd']],
      ['zone', '!=', '', ['c']],
      ['absent', '=', 'x', []],
    ])('matches %s%s%j', async (label, type, value, jobs) => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const all = [
        series('up', { job: 'a' }),
        series('up', { job: 'b' }),
        series('up', { job: 'c', zone: 'z' }),
        series('down', { job: 'd' }),
      ];
      await write(
        storage,
        tenant,
        all.map((labels) => [labels, { timestamp: NOW, value: 1 }]),
      );
      const found = await storage.querier(tenant).select(ALL, match(label, type, value));
      expect(found.map(({ labels }) => labels.get('job')).sort()).toEqual(jobs);
      expect((await storage.querier(tenant).series(ALL, match(label, type, value))).length).toBe(jobs.length);
    });

    it('needs all matchers to match', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(storage, tenant, [
        [series('up', { job: 'a' }), { timestamp: NOW, value: 1 }],
        [series('down', { job: 'a' }), { timestamp: NOW, value: 1 }],
      ]);
      const found = await storage.querier(tenant).select(ALL, match('job', '=', 'a'), match('__name__', '!=', 'up'));
      expect(found.map(({ labels }) => String(labels))).toEqual(['down{job="a"}']);
    });

    it('keeps every bit of a value', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const values = [
        Number.NaN,
        STALE_NAN,
        -0,
        0,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        5e-324,
        0.1 + 0.2,
        -1e308,
      ];
      await write(
        storage,
        tenant,
        values.map((value, i) => [series('odd'), { timestamp: NOW + i, value }]),
      );
      const [found] = await storage.querier(tenant).select(ALL);
      expect(bitsOf(found?.floats.values ?? new Float64Array(0))).toEqual(
        bitsOf(Float64Array.from(values)).with(1, 0x7ff0000000000002n),
      );
    });

    it('keeps start timestamps where there are any', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(storage, tenant, [
        [series('a'), { timestamp: NOW, value: 1, startTimestamp: NOW - 5000 }],
        [series('a'), { timestamp: NOW + 1, value: 1 }],
        [series('b'), { timestamp: NOW, value: 1 }],
      ]);
      const [a, b] = await storage.querier(tenant).select(ALL);
      expect([...(a?.floats.startTimestamps ?? [])]).toEqual([NOW - 5000, 0]);
      expect(b?.floats).not.toHaveProperty('startTimestamps');
      const [later] = await storage.querier(tenant).select({ mint: NOW + 1, maxt: NOW + 1 });
      expect(later?.floats).not.toHaveProperty('startTimestamps');
    });

    it('merges the retention classes', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(
        storage,
        tenant,
        [
          [series('a'), { timestamp: NOW, value: 1 }],
          [series('n'), { timestamp: NOW, value: 1 }],
        ],
        'normalised',
      );
      await write(
        storage,
        tenant,
        [
          [series('a'), { timestamp: NOW - 1, value: 2 }],
          [series('d'), { timestamp: NOW, value: 2 }],
        ],
        'derived',
      );
      expect(plain(await storage.querier(tenant).select(ALL))).toEqual([
        [
          'a',
          [
            [NOW - 1, 2],
            [NOW, 1],
          ],
        ],
        ['d', [[NOW, 2]]],
        ['n', [[NOW, 1]]],
      ]);
    });

    it('sees what another process wrote, new series included, whenever it was written', async () => {
      const { open } = await start();
      const [writer, reader, tenant] = [open(), open(), newTenant()];
      for (const [i, timestamp] of [NOW, NOW - 1000, NOW - 3 * HOUR, NOW - DAY, NOW + 1].entries()) {
        await write(writer, tenant, [
          [series(`metric_${i}`), { timestamp, value: i }],
          [series('steady'), { timestamp, value: i }],
        ]);
        const found = await reader.querier(tenant).select(ALL);
        expect(found).toHaveLength(i + 2);
        expect(found.at(-1)?.floats.values).toHaveLength(i + 1);
      }
    });

    it('counts samples and new series', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      const first = await write(storage, tenant, [
        [series('a'), { timestamp: NOW, value: 1 }],
        [series('b'), { timestamp: NOW, value: 1 }],
        [series('b'), { timestamp: NOW + 1, value: 1 }],
      ]);
      expect(first).toMatchObject({ samples: 3, newSeries: 2 });
      const second = await write(storage, tenant, [
        [series('b'), { timestamp: NOW + 2, value: 1 }],
        [series('c'), { timestamp: NOW + 2, value: 1 }],
      ]);
      expect(second).toMatchObject({ samples: 2, newSeries: 1 });
    });

    it('stops at the limit, first series first', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(
        storage,
        tenant,
        ['c', 'a', 'b'].map((metric) => [series(metric), { timestamp: NOW, value: 1 }]),
      );
      const limited = { ...ALL, limit: 2 };
      expect((await storage.querier(tenant).select(limited)).map(({ labels }) => labels.metricName)).toEqual([
        'a',
        'b',
      ]);
      expect((await storage.querier(tenant).series(limited)).map((labels) => labels.metricName)).toEqual(['a', 'b']);
      expect(await storage.querier(tenant).labelValues('__name__', limited)).toEqual(['a', 'b']);
      expect(await storage.querier(tenant).select({ ...ALL, limit: 0 })).toHaveLength(3);
    });

    it('stops at an aborted signal, with its reason', async () => {
      const { open } = await start();
      const reason = new Error('the client went away');
      const hints = { ...ALL, signal: AbortSignal.abort(reason) };
      await expect(open().querier(newTenant()).select(hints)).rejects.toBe(reason);
      await expect(open().querier(newTenant()).series(hints)).rejects.toBe(reason);
    });

    it('answers for a tenant that never wrote', async () => {
      const { open } = await start();
      const querier = open().querier(newTenant());
      expect(await querier.select(ALL)).toEqual([]);
      expect(await querier.labelNames(ALL)).toEqual([]);
      expect(await querier.metadata()).toEqual([]);
    });

    it.each<[string, Labels, Sample, string]>([
      ['no labels', Labels.empty, { timestamp: NOW, value: 1 }, 'has no labels'],
      ['a negative time', series('up'), { timestamp: -1, value: 1 }, 'up: timestamp -1 is not a whole number'],
      ['a fraction', series('up'), { timestamp: 1.5, value: 1 }, 'timestamp 1.5 is not'],
      ['no time', series('up'), { timestamp: Number.NaN, value: 1 }, 'timestamp NaN is not'],
      ['a bad start', series('up'), { timestamp: NOW, value: 1, startTimestamp: 0.5 }, 'start timestamp 0.5 is not'],
      ['a far future', series('up'), { timestamp: NOW + 2 * DAY, value: 1 }, 'more than 24 h ahead of now'],
    ])('refuses a sample with %s', async (_, labels, sample, text) => {
      const { open } = await start();
      const appender = open().appender(newTenant(), 'derived');
      expect(() => appender.append(labels, sample)).toThrow(InvalidSampleError);
      expect(() => appender.append(labels, sample)).toThrow(text);
    });
  });

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
    });
  });

  describe(`${name}: labels and metadata`, () => {
    const start = () => factory({ retention: RETENTION, now: () => NOW });

    it('lists names and values of matching series', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(storage, tenant, [
        [series('up', { job: 'b', '\u{1f30a}': '\u{fffd}' }), { timestamp: NOW, value: 1 }],
        [series('up', { job: 'a', '\ufb00': 'x' }), { timestamp: NOW, value: 1 }],
        [series('down', { pod: 'p' }), { timestamp: NOW, value: 1 }],
      ]);
      const querier = storage.querier(tenant);
      expect(await querier.labelNames(ALL)).toEqual(['__name__', 'job', 'pod', '\ufb00', '\u{1f30a}']);
      expect(await querier.labelNames(ALL, match('__name__', '=', 'down'))).toEqual(['__name__', 'pod']);
      expect(await querier.labelValues('job', ALL)).toEqual(['a', 'b']);
      expect(await querier.labelValues('job', ALL, match('job', '!=', 'a'))).toEqual(['b']);
      expect(await querier.labelValues('\u{1f30a}', ALL)).toEqual(['\u{fffd}']);
      expect(await querier.labelValues('absent', ALL)).toEqual([]);
    });

    it('leaves out series of other days', async () => {
      const { open } = await start();
      const [storage, tenant] = [open(), newTenant()];
      await write(storage, tenant, [
        [series('old'), { timestamp: NOW - 10 * DAY, value: 1 }],
        [series('new'), { timestamp: NOW, value: 1 }],
      ]);
      const names = await storage.querier(tenant).labelValues('__name__', { mint: NOW - 3 * DAY, maxt: NOW });
      expect(names).toEqual(['new']);
    });

    it('returns metadata, the newest of several', async () => {
      let now = NOW;
      const { open } = await factory({ retention: RETENTION, now: () => now });
      const [storage, tenant] = [open(), newTenant()];
      const help = async (metricFamilyName: string, text: string) => {
        const appender = storage.appender(tenant, 'derived');
        appender.appendMetadata({ metricFamilyName, type: 'counter', help: text, unit: 's' });
        await appender.commit();
        now += 1000;
      };
      await help('b_total', 'first');
      await help('a_total', 'Something counted.');
      await help('b_total', 'second');
      const [a, b] = [
        { metricFamilyName: 'a_total', type: 'counter', help: 'Something counted.', unit: 's' },
        { metricFamilyName: 'b_total', type: 'counter', help: 'second', unit: 's' },
      ];
      expect(await open().querier(tenant).metadata()).toEqual([a, b]);
      expect(await open().querier(tenant).metadata('a_total')).toEqual([a]);
      expect(await open().querier(tenant).metadata('c_total')).toEqual([]);
    });
  });

  describe(`${name}: retention and tenants`, () => {
    it('returns samples as long as their class is kept', async () => {
      let now = NOW;
      const { open } = await factory({ retention: RETENTION, now: () => now });
      const [storage, tenant] = [open(), newTenant()];
      const sample = { timestamp: NOW, value: 1 };
      await write(storage, tenant, [[series('n'), sample]], 'normalised');
      await write(storage, tenant, [[series('d'), sample]], 'derived');
      const names = async () => (await open().querier(tenant).select(ALL)).map(({ labels }) => labels.metricName);
      now = NOW + 2 * DAY;
      expect(await names()).toEqual(['d', 'n']);
      now += 1;
      expect(await names()).toEqual(['d']);
      now = NOW + 400 * DAY;
      expect(await open().querier(tenant).select({ mint: NOW, maxt: NOW })).toHaveLength(1);
      now += 1;
      expect(await open().querier(tenant).select({ mint: NOW, maxt: NOW })).toEqual([]);
    });

    it('keeps alerts for a time of their own, and those of a tenant for its own', async () => {
      let now = NOW;
      const [of, other] = [newTenant(), newTenant()];
      const tenants = { [of]: { ...RETENTION, derived: { days: 9 } } };
      const { open } = await factory({ retention: { ...RETENTION, alerts: { days: 30 }, tenants }, now: () => now });
      for (const tenant of [of, other]) {
        await write(open(), tenant, [[series('ALERTS'), { timestamp: NOW, value: 1 }]], 'alerts');
        await write(open(), tenant, [[series('d'), { timestamp: NOW, value: 1 }]], 'derived');
      }
      const names = async (tenant: string, ...matchers: Matcher[]) =>
        (
          await open()
            .querier(tenant)
            .select(ALL, ...matchers)
        ).map(({ labels }) => labels.metricName);
      expect(await names(of, match('__name__', '=', 'ALERTS'))).toEqual(['ALERTS']);
      now = NOW + 9 * DAY + 1;
      // Where a tenant says nothing of alerts they are kept as its derived series.
      expect(await names(of)).toEqual([]);
      expect(await names(other)).toEqual(['ALERTS', 'd']);
      now = NOW + 30 * DAY + 1;
      expect(await names(other)).toEqual(['d']);
    });

    it('keeps tenants apart, whatever they are called', async () => {
      const { open } = await factory({ retention: RETENTION, now: () => NOW });
      const storage = open();
      const base = newTenant();
      const hostile = fc.array(
        fc.constantFrom('/', '%', '2F', '#', 'samples', 'derived', '0', '\n', '\0', '..', base, 'ü', '\u{1f30a}'),
        { minLength: 1, maxLength: 6 },
      );
      const names = [
        ...new Set(fc.sample(hostile, { numRuns: 25, seed: 7 }).map((parts) => `${base}${parts.join('')}`)),
      ];
      for (const tenant of names) {
        await write(storage, tenant, [[series('up', { tenant }), { timestamp: NOW, value: 1 }]]);
      }
      for (const tenant of names) {
        const found = await open().querier(tenant).select(ALL);
        expect(found.map(({ labels }) => labels.get('tenant'))).toEqual([tenant]);
      }
    });
  });

  describe(`${name}: the set of samples decides`, () => {
    it.each([
      ['a number beats the stale marker', [1, STALE_NAN], 1],
      ['a number beats NaN', [-5, Number.NaN], -5],
      ['NaN beats the stale marker', [STALE_NAN, Number.NaN], Number.NaN],
      ['the larger number wins', [2, 3], 3],
      ['+0 beats -0', [0, -0], 0],
    ])('%s', async (_, values, expected) => {
      const { open } = await factory({ retention: RETENTION, now: () => NOW });
      for (const order of [values, [...values].reverse()]) {
        for (const commits of [1, 2]) {
          const [storage, tenant] = [open(), newTenant()];
          const samples = order.map((value): Written => [series('up'), { timestamp: NOW, value }]);
          if (commits === 1) await write(storage, tenant, samples);
          else for (const sample of samples) await write(open(), tenant, [sample]);
          const [found] = await storage.querier(tenant).select(ALL);
          expect(found?.floats.values).toHaveLength(1);
          expect(found?.floats.values[0]).toBe(expected);
          expect(isStaleNaN(found?.floats.values[0] ?? 0)).toBe(false);
        }
      }
    });

    it('reads back as the model does, however samples were repeated, reordered and split', async () => {
      const { open } = await factory({ retention: RETENTION, now: () => NOW });
      const value = fc.oneof(
        fc.integer({ min: -3, max: 3 }),
        fc.double(),
        fc.constantFrom(STALE_NAN, Number.NaN, -0, 1e-3, 0.1),
      );
      const written = fc.record({
        metric: fc.constantFrom('a', 'b', 'c'),
        ago: fc.oneof(
          fc.integer({ min: -5, max: 5 }),
          fc.integer({ min: 0, max: 40 }).map((i) => i * HOUR),
        ),
        value,
        startTimestamp: fc.constantFrom(0, 0, 1, NOW),
        commit: fc.integer({ min: 0, max: 3 }),
        retentionClass: fc.constantFrom<RetentionClass>('normalised', 'derived'),
        repeat: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(written, { maxLength: 40 }), fc.boolean(), async (history, oneProcess) => {
          const [storage, tenant] = [open(), newTenant()];
          const model = new Map<string, Map<number, Settled>>();
          for (const { samples, retentionClass } of commitsOf(history)) {
            for (const [labels, sample] of samples) settleInto(model, labels, sample);
            await write(oneProcess ? storage : open(), tenant, samples, retentionClass);
          }
          const found = await storage.querier(tenant).select(ALL);
          expect(found.map(exact)).toEqual(modelled(model));
        }),
        { numRuns: propertyRuns },
      );
    });

    it('lets readers and writers run together', async () => {
      const { open } = await factory({ retention: RETENTION, now: () => NOW });
      const tenant = newTenant();
      const reader = open();
      const writing = Promise.all(
        Array.from({ length: 4 }, async (_, process) => {
          const storage = open();
          for (let i = 0; i < 5; i++) {
            await write(storage, tenant, [
              [series('steady'), { timestamp: NOW + i, value: i }],
              [series(`of_${process}`), { timestamp: NOW + i, value: i }],
            ]);
          }
        }),
      );
      for (let i = 0; i < 10; i++) {
        for (const { floats } of await reader.querier(tenant).select(ALL)) {
          expect([...floats.values]).toEqual([...floats.timestamps].map((timestamp) => timestamp - NOW));
        }
        await pause(1);
      }
      await writing;
      const found = await reader.querier(tenant).select(ALL);
      expect(found.map(({ floats }) => [...floats.values])).toEqual(Array.from({ length: 5 }, () => [0, 1, 2, 3, 4]));
    });
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

type Written = readonly [Labels, Sample];

async function write(
  storage: Storage,
  tenant: string,
  samples: readonly Written[],
  retentionClass: RetentionClass = 'derived',
) {
  const appender = storage.appender(tenant, retentionClass);
  for (const [labels, sample] of samples) appender.append(labels, sample);
  return appender.commit();
}

function series(metric: string, labels: Record<string, string> = {}): Labels {
  return Labels.from({ __name__: metric, ...labels });
}

function match(name: string, type: MatchType, value: string): Matcher {
  return new Matcher(type, name, value);
}

function plain(found: readonly Series[]): [string, [number, number][]][] {
  return found.map(({ labels, floats }) => [
    String(labels),
    [...floats.timestamps].map((timestamp, i) => [timestamp, floats.values[i] as number]),
  ]);
}

interface GeneratedSample {
  readonly metric: string;
  readonly ago: number;
  readonly value: number;
  readonly startTimestamp: number;
  readonly commit: number;
  readonly retentionClass: RetentionClass;
  /** Whether later commits bring it again. */
  readonly repeat: boolean;
}

/** Four rounds of commits, one for each class. */
function commitsOf(history: readonly GeneratedSample[]) {
  return [0, 1, 2, 3].flatMap((round) =>
    (['normalised', 'derived'] as const).map((retentionClass) => ({
      retentionClass,
      samples: history
        .filter((one) => one.retentionClass === retentionClass)
        .filter((one) => one.commit === round || (one.repeat && one.commit < round))
        .map(
          ({ metric, ago, value, startTimestamp }): Written => [
            series(metric),
            { timestamp: NOW - ago, value, startTimestamp },
          ],
        ),
    })),
  );
}

/** The reference model: what a plain map of samples would return. */
interface Settled {
  readonly value: number;
  readonly start: number;
}

function settleInto(model: Map<string, Map<number, Settled>>, labels: Labels, sample: Sample): void {
  const samples = model.get(labels.metricName) ?? new Map<number, Settled>();
  model.set(labels.metricName, samples);
  const rival = { value: sample.value, start: sample.startTimestamp ?? 0 };
  const known = samples.get(sample.timestamp);
  if (known === undefined || isPreferred(rival, known)) samples.set(sample.timestamp, rival);
}

/** The rule in other words than the store's: classes first, then size, then the later start. */
function isPreferred(a: Settled, b: Settled): boolean {
  const classOf = (value: number) => (isStaleNaN(value) ? 0 : Number.isNaN(value) ? 1 : 2);
  if (classOf(a.value) !== classOf(b.value)) return classOf(a.value) > classOf(b.value);
  if (classOf(a.value) === 2 && !Object.is(a.value, b.value)) {
    return a.value === b.value ? Object.is(b.value, -0) : a.value > b.value;
  }
  return a.start > b.start;
}

function modelled(model: Map<string, Map<number, Settled>>): ExactSeries[] {
  return [...model]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([metric, samples]) => {
      const sorted = [...samples].sort(([a], [b]) => a - b);
      return {
        metric,
        timestamps: sorted.map(([timestamp]) => timestamp),
        values: sorted.map(([, { value }]) => spell(value)),
        starts: sorted.map(([, { start }]) => start),
      };
    });
}

interface ExactSeries {
  readonly metric: string;
  readonly timestamps: readonly number[];
  readonly values: readonly string[];
  readonly starts: readonly number[];
}

function exact({ labels, floats }: Series): ExactSeries {
  return {
    metric: labels.metricName,
    timestamps: [...floats.timestamps],
    values: [...floats.values].map(spell),
    starts: startsOf(floats),
  };
}

function startsOf({ timestamps, startTimestamps }: FloatColumn): number[] {
  return startTimestamps === undefined ? Array.from(timestamps, () => 0) : [...startTimestamps];
}

/** Spells a value so that zeros, markers and NaNs differ. */
function spell(value: number): string {
  if (isStaleNaN(value)) return 'stale';
  return Object.is(value, -0) ? '-0' : String(value);
}

function bitsOf(values: Float64Array): bigint[] {
  return [...new BigUint64Array(values.slice().buffer)];
}
