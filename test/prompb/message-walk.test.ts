import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Label } from '../../lib/model/labels.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import { LabelMemory } from '../../lib/prompb/label-memory.ts';
import { type BesideSamples, MessageWalk } from '../../lib/prompb/message-walk.ts';
import { ReceivedSamples } from '../../lib/prompb/received-samples.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { concat, labels, sampled, UNKNOWN_FIELD, V2 } from '../receiver/messages.ts';
import { arbitraryV2 } from './arbitrary-write-request.ts';

/** Memories in every state: roomy, of a few series, forgetting all the time, of one hash for all, and without room for anything. */
const MEMORIES = [
  { bytes: 2e6 },
  { bytes: 10_000 },
  { bytes: 10_000, keepMs: 0 },
  { bytes: 40_000, keepMs: 0, hashMask: 0 },
  { bytes: 0 },
];

describe('MessageWalk', () => {
  it('reads what the plain decoder reads, whatever the memory is like, and gives up where that one throws', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            arbitraryV2.map(({ timeseries }) => timeseries),
            fc.array(someSeries, { maxLength: 8 }),
          ),
          {
            maxLength: 6,
          },
        ),
        fc.infiniteStream(fc.nat()),
        (requests, noise) => {
          const memories = MEMORIES.map((options) => new LabelMemory<Label[]>(options));
          for (const timeseries of requests) {
            const bytes = encodeWriteRequest({ timeseries, metadata: [] }, V2);
            for (const message of [bytes, bytes, ...damaged(bytes, noise)]) {
              for (const memory of memories) expectSame(message, memory);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('asks for the labels of a series once, and not at all of one that it was told of in other messages', () => {
    const memory = new LabelMemory<Label[]>({ bytes: 2e6 });
    const of = (...names: string[]) => encode(names.map((name) => sampled(labels('__name__', name))));
    expect(walk(of('a', 'b', 'c'), memory)?.met).toBe(3);
    expect(walk(of('c', 'a', 'b', 'a'), memory)?.met).toBe(0);
    expect(walk(of('b', 'd'), memory)?.met).toBe(1);
  });

  it('knows a series again whose message numbers its symbols otherwise, and no series by the symbols of another', () => {
    const memory = new LabelMemory<Label[]>({ bytes: 2e6 });
    const swapped = [sampled(labels('x', 'y')), sampled(labels('y', 'x'))];
    walk(encode(swapped), memory);
    const again = walk(encode(swapped.toReversed()), memory);
    expect(again?.met).toBe(0);
    expect(again?.series.map((one) => one.labels)).toEqual([labels('y', 'x'), labels('x', 'y')]);
  });

  it('forgets what nobody sends any more, and keeps what is sent', () => {
    let now = 0;
    const memory = new LabelMemory<Label[]>({ bytes: 100_000, keepMs: 10, now: () => now });
    const kept = sampled(labels('__name__', 'kept'));
    for (; now < 1000; now++) {
      const met = walk(encode([kept, sampled(labels('__name__', `other${now}`))]), memory)?.met;
      expect(met).toBe(now === 0 ? 2 : 1);
      expect(memory.bytes).toBeLessThanOrEqual(100_000);
    }
  });

  it('keeps as many as it has room for where more come round and round, and learns others when these have gone', () => {
    let now = 0;
    const memory = new LabelMemory<Label[]>({ bytes: 100_000, keepMs: 60, now: () => now });
    const scrape = (name: string) =>
      encode(Array.from({ length: 100 }, (_, i) => sampled(labels('__name__', name, 'series', String(i)))));
    const known = (name: string) => {
      now += 15;
      return 100 - (walk(scrape(name), memory)?.met ?? 0);
    };
    known('a');
    const counts = Array.from({ length: 20 }, () => known('a'));
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(80);
    const others = Array.from({ length: 20 }, () => known('b'));
    expect(others[0]).toBe(0);
    expect(others.at(-1)).toBeGreaterThan(60);
    expect(memory.bytes).toBeLessThanOrEqual(100_000);
  });

  it('takes no series for another whose references come in several pieces', () => {
    const whole = encode([sampled(labels('__name__', 'up', 'job', 'a'))]);
    const begun = encode([sampled(labels('__name__', 'up'))]);
    const [refs, pieces] = [Buffer.of(0x0a, 4, 1, 2, 3, 4), Buffer.of(0x0a, 2, 1, 2, 0x0a, 2, 3, 4)];
    const at = Buffer.from(whole).indexOf(refs);
    const inPieces = concat(whole.subarray(0, at), pieces, whole.subarray(at + refs.length));
    inPieces[at - 1] = (inPieces[at - 1] as number) + pieces.length - refs.length;
    expect(decodeWriteRequest(inPieces, V2).timeseries).toEqual(decodeWriteRequest(whole, V2).timeseries);
    for (const messages of [
      [inPieces, begun, inPieces],
      [begun, inPieces, begun],
    ]) {
      const memory = new LabelMemory<Label[]>({ bytes: 2e6 });
      for (const message of messages) expectSame(message, memory);
    }
  });

  it('leaves to the plain decoder what our receiver does not write', () => {
    const up = encode([sampled(labels('__name__', 'up'))]);
    for (const message of [new Uint8Array(0), concat(up, UNKNOWN_FIELD), up.subarray(2), up.subarray(0, -1)]) {
      expect(walk(message, new LabelMemory({ bytes: 2e6 }))).toBeUndefined();
    }
  });
});

const someSeries: fc.Arbitrary<TimeSeries> = fc
  .tuple(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom('', '1', '2', '\ufeff', '\ufffd'),
    fc.array(
      fc.record({
        timestamp: fc.constantFrom(0, 1, 1_795_000_000_000),
        value: fc.constantFrom(0, -0, 1.5, Number.NaN, STALE_NAN),
      }),
      { maxLength: 3 },
    ),
    fc.nat({ max: 3 }),
  )
  .map(([name, value, samples, start]) => ({
    labels: labels('__name__', name, 'l', value),
    samples: samples.map((sample) => (start === 0 ? sample : { ...sample, startTimestamp: start })),
    histograms: [],
    exemplars: [],
  }));

/** A byte changed, bytes cut off, bytes put in: near misses of a message. */
function damaged(bytes: Uint8Array, noise: Iterator<number>): Uint8Array[] {
  if (bytes.length === 0) return [];
  const next = (below: number) => noise.next().value % below;
  return Array.from({ length: 6 }, (_, i) => {
    const copy = bytes.slice();
    const at = next(copy.length);
    if (i % 3 === 0) return copy.subarray(0, at);
    if (i % 3 === 1) copy[at] = next(256);
    else copy.copyWithin(at, next(copy.length));
    return copy;
  });
}

function expectSame(bytes: Uint8Array, memory: LabelMemory<Label[]>): void {
  const walked = walk(bytes, memory);
  let plain: readonly TimeSeries[] | undefined;
  try {
    plain = decodeWriteRequest(bytes, V2).timeseries;
  } catch {
    plain = undefined;
  }
  if (walked === undefined) return;
  expect(plain).toBeDefined();
  expect(walked.series).toEqual((plain ?? []).map(comparable));
}

/** NaNs by name: to `toEqual` they are all one. */
function comparable({ labels: of, samples, histograms, metadata }: TimeSeries) {
  const named = samples.map(({ value, ...rest }) => ({ ...rest, value: isStaleNaN(value) ? 'stale' : value }));
  return { labels: of, samples: named, histograms, metadata };
}

function walk(bytes: Uint8Array, memory: LabelMemory<Label[]>) {
  const samples = new ReceivedSamples(1);
  const series: ReturnType<typeof comparable>[] = [];
  let met = 0;
  const done = new MessageWalk<Label[]>(bytes, memory, samples, {
    meet: (of) => {
      met++;
      return [...of];
    },
    take: (of, begin, end, { histograms, metadata }: BesideSamples = { histograms: [] }) => {
      const own = Array.from({ length: end - begin }, (_, i) => samples.at(begin + i));
      const rest = metadata === undefined ? {} : { metadata };
      series.push(comparable({ labels: of, samples: own, histograms, exemplars: [], ...rest }));
    },
  }).run();
  return done ? { series, met } : undefined;
}

function encode(timeseries: readonly TimeSeries[]): Uint8Array {
  return encodeWriteRequest({ timeseries, metadata: [] }, V2);
}
