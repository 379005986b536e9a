import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import type { Matcher, MatchType } from '../../lib/model/matcher.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { InvalidSampleError } from '../../lib/storage/errors.ts';
import type { Series } from '../../lib/storage/interface.ts';
import {
  ALL,
  bitsOf,
  DAY,
  HOUR,
  match,
  NOW,
  newTenant,
  RETENTION,
  type StorageFactory,
  series,
  write,
} from './storage-fixture.ts';
import { storageHistogramsSuite } from './storage-histograms.suite.ts';
import { storageSetSuite } from './storage-set.suite.ts';

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

  storageHistogramsSuite(name, factory, propertyRuns);
  storageSetSuite(name, factory, propertyRuns);
}

function plain(found: readonly Series[]): [string, [number, number][]][] {
  return found.map(({ labels, floats }) => [
    String(labels),
    [...floats.timestamps].map((timestamp, i) => [timestamp, floats.values[i] as number]),
  ]);
}
