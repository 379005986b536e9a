import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS } from '../../lib/context/tenant.ts';
import type { Labels } from '../../lib/model/labels.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import type { Intake } from '../../lib/pipeline/intake.ts';
import type { Selects } from '../../lib/pipeline/select-series.ts';
import { takePlainly } from '../../lib/pipeline/take-plainly.ts';
import { takeRemembered } from '../../lib/pipeline/take-remembered.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import { SeriesMemory, type SeriesMemoryOptions } from '../../lib/prompb/series-memory.ts';
import type { RemoteWriteProtocol, TimeSeries, WriteRequest } from '../../lib/prompb/write-request.ts';
import { compress, uncompress } from '../../lib/wire/snappy.ts';
import { encodingOf, protocolOf, readBody, readCaptures } from '../prompb/captures.ts';
import { exemplar, labels, nativeHistogram, series, V1, V2 } from '../receiver/messages.ts';

type MemoryOptions = Omit<SeriesMemoryOptions, 'limits'>;

const NOW = Date.parse('2026-11-22T12:30:00Z');

/** Every state a memory can be in: with room, always forgetting, and unable to tell series by their hashes. */
const STATES: readonly (readonly [string, MemoryOptions])[] = [
  ['with room', { generationBytes: 1 << 20 }],
  ['that forgets', { generationBytes: 2048 }],
  ['without any room', { generationBytes: 64 }],
  ['whose hashes all collide', { generationBytes: 1 << 20, hashMask: 0 }],
  ['whose hashes often collide, and that forgets', { generationBytes: 4096, hashMask: 7 }],
];

describe.each(STATES)('a memory %s', (_, options) => {
  it('takes requests of every shape as the plain way does, again and again', { timeout: 120_000 }, () => {
    const memory = newMemory(options);
    fc.assert(
      fc.property(fc.constantFrom(V1, V2), fc.array(anySeries(), { maxLength: 12 }), (protocol, timeseries) => {
        const body = encode({ timeseries, metadata: families(timeseries, protocol) }, protocol);
        expectSame(body, protocol, memory, 3);
      }),
      { numRuns: 60 },
    );
  });

  it('takes many ordinary series that come and go', { timeout: 120_000 }, () => {
    const memory = newMemory(options);
    for (let round = 0; round < 12; round++) {
      const protocol = round % 3 === 0 ? V2 : V1;
      const timeseries = Array.from({ length: 150 }, (_, i) => ordinary(i + round * 20, round));
      const body = encode({ timeseries, metadata: [] }, protocol);
      expectSame(body, protocol, memory);
    }
  });
});

describe('takeRemembered', () => {
  it('looks at labels once', () => {
    const memory = newMemory({ generationBytes: 1 << 20 });
    let asked = 0;
    const selects = (set: Labels) => ++asked > 0 && selectsSome(set);
    const timeseries = Array.from({ length: 100 }, (_, i) => ordinary(i, 0));
    for (let i = 0; i < 5; i++) {
      for (const protocol of [V1, V2]) {
        const body = encode({ timeseries, metadata: [] }, protocol);
        expect(takeRemembered(body, rulesOf(protocol), selects, memory)).toBeDefined();
      }
    }
    // Bytes differ between the protocols, so each of them asks once.
    expect(asked).toBe(200);
  });

  it.each([V1, V2])('asks about a name of %s that decides once, and about labels where it does not', (protocol) => {
    const memory = newMemory({ generationBytes: 1 << 20 });
    const asked: string[] = [];
    const ask = (question: string, answer: boolean) => asked.push(question) > 0 && answer;
    const selects = Object.assign((set: Labels) => ask(`${set.get('i')}`, set.get('i') === '3'), {
      usesName: (name: string) => ask(`use ${name}`, name !== 'unused'),
      wantsName: (name: string) => ask(`want ${name}`, name === 'wanted'),
    });
    const timeseries = ['1', '2', '3', '4'].flatMap((i) =>
      ['unused', 'wanted', 'some'].map((name) =>
        series(labels('__name__', name, 'i', i), { samples: [{ timestamp: NOW, value: 1 }] }),
      ),
    );
    for (let round = 0; round < 3; round++) {
      const taken = takeRemembered(encode({ timeseries, metadata: [] }, protocol), rulesOf(protocol), selects, memory);
      expect(taken?.report.account.tally).toMatchObject({ accepted: 12, selected: 5, unselected: 7 });
    }
    const ofSome = ['1', '2', '3', '4'].flatMap((i) => ['use some', 'want some', i]);
    expect(asked).toEqual(['use unused', 'use wanted', 'want wanted', ...ofSome]);
  });

  it('keeps what is used, however much comes that is not', () => {
    const memory = newMemory({ generationBytes: 64 * 1024 });
    const hot = series(labels('__name__', 'wanted_1'), { samples: [{ timestamp: NOW, value: 1 }] });
    for (let round = 0; round < 40; round++) {
      const passing = Array.from({ length: 200 }, (_, i) =>
        series(labels('__name__', 'odd', 'i', noise(round * 1000 + i, 60)), {
          samples: [{ timestamp: NOW, value: 1 }],
        }),
      );
      const body = encode({ timeseries: [...passing, hot], metadata: [] }, V1);
      expect(takeRemembered(body, rulesOf(V1), selectsSome, memory)?.report.account.tally.selected).toBe(1);
    }
    expect(memory.turns).toBe(0);
  });

  it('keeps what is used while it forgets the rest', () => {
    const memory = newMemory({ generationBytes: 32 * 1024 });
    const hot = Array.from({ length: 20 }, (_, i) => ordinary(i, 0));
    let asked = 0;
    const selects = (set: Labels) => {
      if (Number(set.get('instance').split(':')[1]) < 20) asked++;
      return selectsSome(set);
    };
    for (let round = 0; round < 60; round++) {
      const passing = Array.from({ length: 20 }, (_, i) => ordinary(1000 + round * 20 + i, 0));
      for (const protocol of [V1, V2]) {
        const body = encode({ timeseries: [...hot, ...passing], metadata: [] }, protocol);
        takeRemembered(body, rulesOf(protocol), selects, memory);
      }
    }
    expect(memory.turns).toBeGreaterThan(5);
    // Twice for each would be perfect; a memory that forgot all would ask 2400 times.
    expect(asked).toBeLessThan(200);
  });

  it('looks at times each time', () => {
    const memory = newMemory({ generationBytes: 1 << 20 });
    const { maxSampleAgeMs, maxSampleAheadMs } = DEFAULT_INTAKE_LIMITS;
    for (const protocol of [V1, V2]) {
      for (const timestamp of [
        NOW,
        NOW - maxSampleAgeMs,
        NOW - maxSampleAgeMs - 1,
        NOW + maxSampleAheadMs,
        NOW + maxSampleAheadMs + 1,
        0,
        -1,
        2 ** 62,
      ]) {
        const timeseries = [series(labels('__name__', 'even'), { samples: [{ timestamp, value: 1 }] }), ordinary(1, 0)];
        expectSame(encode({ timeseries, metadata: [] }, protocol), protocol, memory);
      }
    }
  });

  it('does not take one series for another that differs in a byte, nor a label for a sample', () => {
    const memory = newMemory({ generationBytes: 1 << 20, hashMask: 0 });
    const sample = { timestamp: NOW, value: 1 };
    // The tail of a sample of 18 bytes, as the end of a label.
    const tail = '\u0012\u0010\t\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000';
    const values = ['a', 'b', 'aa', 'a\u0000', tail, `${tail}\u0010`, `\u0012\u0007${tail}`];
    const timeseries = values.flatMap((value) =>
      [sample, { ...sample, value: 0 }].map((one) =>
        series(labels('__name__', 'even', 'z', value), { samples: [one] }),
      ),
    );
    for (const protocol of [V1, V2]) {
      const body = encode({ timeseries, metadata: [] }, protocol);
      expectSame(body, protocol, memory, 2);
    }
  });

  it('takes a message of all sizes that compression knows', () => {
    const memory = newMemory({ generationBytes: 16 << 20 });
    for (const length of [1, 59, 60, 61, 255, 256, 257, 4000]) {
      const timeseries = Array.from({ length: 200 }, (_, i) =>
        series(labels('__name__', 'even', 'noise', noise(i, length), 'same', 'x'.repeat(length)), {
          samples: [{ timestamp: NOW, value: i }],
        }),
      );
      expectSame(encode({ timeseries, metadata: [] }, V1), V1, memory);
    }
  });

  it('accepts no histograms that unfold into more than the worker reads', { timeout: 30_000 }, () => {
    const buckets = 5000;
    const histogram = nativeHistogram({
      timestamp: NOW,
      count: 0,
      zeroCount: 0,
      positiveSpans: [{ offset: 0, length: buckets }],
      positiveDeltas: new Array<number>(buckets).fill(0),
      negativeSpans: [],
      negativeDeltas: [],
    });
    const one = series(labels('__name__', 'even'), { histograms: [histogram] });
    const body = encode({ timeseries: new Array<TimeSeries>(610).fill(one), metadata: [] }, V2);
    expect(() => takePlainly(body, rulesOf(V2), selectsSome)).toThrow(/more than 3000000/);
    const memory = newMemory({ generationBytes: 1 << 20 });
    expect(takeRemembered(body, rulesOf(V2), selectsSome, memory)).toBeUndefined();
  });

  it('gives up where it must, and leaves nothing behind', () => {
    const memory = newMemory({ generationBytes: 1 << 20 });
    const good = encodeWriteRequest({ timeseries: [ordinary(1, 0)], metadata: [] }, V1);
    for (const bytes of [
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Uint8Array.of(0x98, 0x06, 0x01)]),
      Buffer.concat([good, Uint8Array.of(0x0a, 0x05, 0x0a)]),
      new Uint8Array(),
    ]) {
      expect(takeRemembered(compress(bytes), rulesOf(V1), selectsSome, memory)).toBeUndefined();
    }
    for (const body of [new Uint8Array(), Uint8Array.of(9, 9), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)]) {
      expect(takeRemembered(body, rulesOf(V1), selectsSome, memory)).toBeUndefined();
    }
    expectSame(compress(good), V1, memory);
  });
});

const captures = readCaptures().filter((capture) => encodingOf(capture) === 'snappy');
if (captures.length === 0) console.warn('captures of real senders are absent: they are not taken in this run');

describe('requests of real senders', () => {
  if (captures.length === 0) it.skip('need ../shared/captures, which is absent');

  it.each(STATES)('are taken by a memory %s as by the plain way', { timeout: 120_000 }, (_, options) => {
    const memory = newMemory(options);
    for (const capture of captures) expectSame(readBody(capture), protocolOf(capture), memory, 2);
  });
});

function newMemory(options: MemoryOptions): SeriesMemory {
  return new SeriesMemory({ limits: DEFAULT_INTAKE_LIMITS, ...options });
}

/** Both ways must come to the same: in counts and examples, in words, and in what is queued. */
function expectSame(body: Uint8Array, protocol: RemoteWriteProtocol, memory: SeriesMemory, times = 1): void {
  const expected = outcome(takePlainly(body, rulesOf(protocol), selectsSome));
  for (let i = 0; i < times; i++) {
    const remembered = takeRemembered(body, rulesOf(protocol), selectsSome, memory);
    if (remembered !== undefined) expect(outcome(remembered)).toEqual(expected);
  }
}

function outcome({ report, bodies }: Intake) {
  const timeseries = bodies.flatMap((body) => decodeWriteRequest(uncompress(body, 1e8), V2).timeseries);
  return {
    account: report.account,
    written: report.written,
    failed: report.failed,
    text: report.failed ? report.text : '',
    ...queued(timeseries),
  };
}

/** What is queued, whatever the order of series and in whichever message. */
function queued(timeseries: readonly TimeSeries[]) {
  const points = timeseries.flatMap(({ labels: of, samples, histograms, defect }) => {
    expect(defect).toBeUndefined();
    return [...samples, ...histograms].map((point) => JSON.stringify([of, { ...point, value: bitsOf(point) }]));
  });
  const described = timeseries.flatMap(({ labels: of, metadata }) =>
    metadata === undefined ? [] : of.filter(({ name }) => name === '__name__').map(({ value }) => value),
  );
  return { points: points.sort(), described: [...new Set(described)].sort() };
}

function bitsOf(point: object): string {
  if (!('value' in point)) return '';
  const value = point.value as number;
  if (Number.isNaN(value)) return isStaleNaN(value) ? 'stale' : 'NaN';
  return Object.is(value, -0) ? '-0' : String(value);
}

function rulesOf(protocol: RemoteWriteProtocol) {
  return { protocol, limits: DEFAULT_INTAKE_LIMITS, now: NOW };
}

/** Of names with an even number of letters: every series where it is a multiple of four, else those with a short value. */
const selectsSome: Selects = Object.assign(
  (set: Labels) =>
    usesName(set.metricName) && (wantsName(set.metricName) || [...set].some(({ value }) => value === 'a')),
  { usesName, wantsName },
);

function usesName(name: string): boolean {
  return name.length % 2 === 0;
}

function wantsName(name: string): boolean {
  return name.length % 4 === 0;
}

function encode(request: WriteRequest, protocol: RemoteWriteProtocol): Uint8Array {
  return compress(encodeWriteRequest(request, protocol));
}

function ordinary(i: number, round: number): TimeSeries {
  const of = labels('__name__', `metric_${i % 17}`, 'instance', `10.0.0.1:${i}`, 'job', 'api');
  return series(of, { samples: [{ timestamp: NOW - round, value: i % 5 }] });
}

/** In 1.0 metadata stands beside the series. */
function families(timeseries: readonly TimeSeries[], protocol: RemoteWriteProtocol): WriteRequest['metadata'] {
  if (protocol === V2) return [];
  return timeseries.slice(0, 3).map((_, i) => ({ metricFamilyName: `n${i}`, type: 'counter', help: 'h', unit: '' }));
}

function anySeries(): fc.Arbitrary<TimeSeries> {
  const text = fc.oneof(fc.constantFrom('', 'a', 'bb', 'ä', '\u{1f600}', 'zone'), fc.string({ maxLength: 6 }));
  const name = fc.constantFrom('n0', 'n1', 'odd', 'even', 'wanted_total', '');
  const pairs = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'job', 'A', ''), text), { maxLength: 4 });
  const isSorted = fc.boolean();
  const of = fc.tuple(name, pairs, isSorted).map(([metric, rest, sorted]) => {
    const all = [...(metric === '' ? [] : [['__name__', metric] as const]), ...rest];
    const unique = sorted
      ? [...new Map(all.map((pair) => [pair[0], pair])).values()].filter(([key]) => key !== '')
      : all;
    if (sorted) unique.sort(([a], [b]) => (a < b ? -1 : 1));
    return unique.map(([key, value]) => ({ name: key, value }));
  });
  const value = fc.oneof(fc.constantFrom(0, -0, 1, STALE_NAN, Number.NaN, Number.POSITIVE_INFINITY), fc.double());
  const timestamp = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: NOW - 3_600_000, max: NOW }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -5, 1, 2 ** 34, 2 ** 35, NOW * 2, NOW - 90_000_000) },
  );
  const startTimestamp = fc.constantFrom(undefined, undefined, NOW - 7_200_000, NOW + 7_200_000, 1, -1);
  const sample = fc.tuple(value, timestamp, startTimestamp).map(([v, at, since]) => ({
    value: v,
    timestamp: at,
    ...(since === undefined ? {} : { startTimestamp: since }),
  }));
  const metadata = fc.constantFrom(
    undefined,
    undefined,
    { type: 'counter', help: 'How much.', unit: 's' } as const,
    { type: 'unknown', help: 'ä', unit: '' } as const,
    { type: 'gauge', help: 'x'.repeat(20_000), unit: '' } as const,
  );
  const exemplars = fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant([exemplar(labels('trace_id', 'abc'), 1, NOW)]) },
  );
  const histograms = fc.oneof(
    { weight: 8, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constantFrom(1, 27).map((count) => [nativeHistogram({ timestamp: NOW, count })]) },
  );
  const samples = fc.oneof(
    { weight: 6, arbitrary: sample.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(sample, { maxLength: 3 }) },
  );
  return fc.tuple(of, samples, exemplars, histograms, metadata).map(([set, points, references, natives, about]) => ({
    labels: set,
    samples: points,
    exemplars: references,
    histograms: natives,
    ...(about === undefined ? {} : { metadata: about }),
  }));
}

/** Text that does not compress. */
function noise(seed: number, length: number): string {
  let state = seed * 2654435761 + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}
