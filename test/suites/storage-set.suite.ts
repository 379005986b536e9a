import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Labels } from '../../lib/model/labels.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import type { FloatColumn, RetentionClass, Series } from '../../lib/storage/interface.ts';
import {
  ALL,
  HOUR,
  NOW,
  newTenant,
  RETENTION,
  type StorageFactory,
  series,
  spell,
  type Written,
  write,
} from './storage-fixture.ts';

/** What a store answers depends on the set of samples alone: held to a model of sets. */
export function storageSetSuite(name: string, factory: StorageFactory, propertyRuns: number): void {
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
